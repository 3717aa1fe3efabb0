import type { OpaqueState } from '../../content.ts'
import { readOpaqueState, writeOpaqueState } from '../opaque-state.ts'

// The one field of this dialect for opaque state holds bytes, which some of its clients decode and encode again. State
// of another dialect therefore travels as base64, and is known by how that begins.
const mark = Buffer.from('causeway:').toString('base64')

/** The `thoughtSignature` of a part. */
export const writeSignature = (state: OpaqueState): string =>
  state.dialect === 'gemini' ? state.value : Buffer.from(writeOpaqueState(state, 'gemini')).toString('base64')

/** Reads what `writeSignature` wrote; any other signature is the dialect's own. */
export const readSignature = (signature: string): OpaqueState =>
  signature.startsWith(mark)
    ? readOpaqueState(Buffer.from(signature, 'base64').toString('utf8'), 'gemini')
    : { dialect: 'gemini', value: signature }

/** The field as part of a wire part; nothing when there is no state. */
export const signatureField = (state: OpaqueState | undefined): { thoughtSignature?: string } =>
  state ? { thoughtSignature: writeSignature(state) } : {}
