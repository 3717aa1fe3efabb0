import type { ProblemPlace } from '../errors.ts'
import { checkAgent } from './check-agent.ts'
import { checkData } from './check-data.ts'
import { checkGuardrail } from './check-guardrail.ts'
import { urlSecretProblem } from './check-secrets.ts'
import { checkProvider } from './check-provider.ts'
import { checkToolServer } from './check-tool-server.ts'
import { checkTool } from './check-tool.ts'
import type { Manifest } from './manifest.ts'

function checkKind(manifest: Manifest): ProblemPlace[] {
  switch (manifest.kind) {
    case 'Agent':
      return checkAgent(manifest)
    case 'Guardrail':
      return checkGuardrail(manifest)
    case 'Provider':
      return checkProvider(manifest)
    case 'Tool':
      return checkTool(manifest)
    case 'ToolServer':
      return checkToolServer(manifest)
    case 'Budget':
    case 'MemoryStore':
    case 'Policy':
    case 'Route':
    case 'ServiceLevelObjective':
    case 'Trigger':
      return []
    case 'Webhook': {
      const message = urlSecretProblem(manifest.spec.url)
      return message ? [{ pointer: '/spec/url', message }] : []
    }
  }
}

/**
 * What is wrong with a manifest that fits its schema: rules between fields, bounds, and secrets that are written down.
 * Pure, so that the author's machine and the server judge alike. Empty when nothing is wrong.
 */
export function checkManifest(manifest: Manifest): ProblemPlace[] {
  const problems = checkData(manifest)
  return problems.length > 0 ? problems : checkKind(manifest)
}
