import { route } from '@causeway/sdk'
import { realTargets } from '../models.manifest.ts'

export const researchRoute = route({
  name: 'research',
  targets: [...realTargets, { provider: 'research-rehearsal', model: 'rehearsal' }],
})
