import { CausewayError } from '@causeway/contracts'
import type { ModelCaller, ModelCallSubject, ModelPorts } from '../ports.ts'

/** @throws CausewayError policy-denied, with the reasons */
export async function requireAllowed(
  { decide }: Pick<ModelPorts, 'decide'>,
  caller: ModelCaller,
  subject: ModelCallSubject,
): Promise<void> {
  const { answer, reasons } = await decide(caller, subject)
  if (answer === 'allow') return
  const why = reasons.map(({ id, message }) => `${id}: ${message}`).join('; ')
  throw new CausewayError('policy-denied', `${subject.provider}/${subject.model} may not be called. ${why}`.trim())
}
