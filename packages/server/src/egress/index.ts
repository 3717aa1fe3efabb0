export { createEgress, type ClientCertificates, type Egress } from './create-egress.ts'
