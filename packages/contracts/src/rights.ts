import * as z from 'zod'

/** A right is what a route of the API asks of the caller. */
export const Right = z.enum([
  'agents:read',
  'approvals:decide',
  'approvals:read',
  'audit:read',
  'costs:write',
  'freezes:write',
  'incidents:write',
  'keys:read',
  'keys:write',
  'manifests:read',
  'manifests:write',
  'members:read',
  'members:write',
  'metrics:read',
  'models:call',
  'runs:read',
  'runs:write',
  'secrets:read',
  'secrets:write',
  'sessions:erase',
  'sessions:hold',
  'tools:review',
  'tools:serve',
  'traces:read',
])
export type Right = z.infer<typeof Right>

/** What a user or key is in its organisation; each role is a fixed set of rights. */
export const Role = z.enum(['admin', 'developer', 'operator', 'reviewer', 'viewer'])
export type Role = z.infer<typeof Role>

const viewer: readonly Right[] = [
  'agents:read',
  'approvals:read',
  'manifests:read',
  'members:read',
  'runs:read',
  'traces:read',
]

/** The rights of each role. */
export const rightsOfRole: Readonly<Record<Role, readonly Right[]>> = {
  admin: Right.options,
  developer: [
    ...viewer,
    'incidents:write',
    'manifests:write',
    'models:call',
    'runs:write',
    'secrets:read',
    'tools:serve',
  ],
  operator: [
    ...viewer,
    'approvals:decide',
    'audit:read',
    'costs:write',
    'freezes:write',
    'incidents:write',
    'keys:read',
    'metrics:read',
    'models:call',
    'runs:write',
    'secrets:read',
    'secrets:write',
    'sessions:erase',
  ],
  reviewer: [
    ...viewer,
    'approvals:decide',
    'audit:read',
    'freezes:write',
    'incidents:write',
    'sessions:hold',
    'tools:review',
  ],
  viewer,
}
