import type { Detector } from '@causeway/contracts'
import { findCredentials } from './credential.ts'
import { findEmails } from './email.ts'
import { findHiddenText } from './hidden-text.ts'
import { findIbans } from './iban.ts'
import { findInjections } from './injection.ts'
import { findIpAddresses } from './ip-address.ts'
import { findPaymentCards } from './payment-card.ts'
import { findPhones } from './phone.ts'
import type { Find } from './span.ts'
import { findSsns } from './us-ssn.ts'

export { ordersToModels } from './injection.ts'

export const detectors: Readonly<Record<Detector, Find>> = {
  email: findEmails,
  phone: findPhones,
  'payment-card': findPaymentCards,
  iban: findIbans,
  'us-ssn': findSsns,
  'ip-address': findIpAddresses,
  credential: findCredentials,
  injection: findInjections,
  'hidden-text': findHiddenText,
}
