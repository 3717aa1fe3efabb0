import { SecretHandle } from '@causeway/contracts'

const known = new WeakMap<object, SecretHandle[]>()

/** Every handle in the spec of a manifest. */
export function handlesIn(spec: object): readonly SecretHandle[] {
  const kept = known.get(spec)
  if (kept) return kept
  const handles = collect(spec)
  known.set(spec, handles)
  return handles
}

function collect(value: unknown): SecretHandle[] {
  if (typeof value !== 'object' || value === null) return []
  const handle = SecretHandle.safeParse(value)
  return handle.success ? [handle.data] : Object.values(value).flatMap(collect)
}
