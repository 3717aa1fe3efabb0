export { createGuardrails, type Guardrails, type Watches } from './create-guardrails.ts'
export { detectors } from './detectors/index.ts'
export { matchesIn, redacted, type Match, type Watch } from './matches-in.ts'
export { checkGuardrailManifest } from './pattern.ts'
