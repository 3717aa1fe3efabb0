/** `npm run bench -- NAME [--json]` */
import type { Measurement } from './measurement.ts'

const benchmarks: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  agentdojo: async () => (await import('./attacks/agentdojo/agentdojo.ts')).agentDojo(),
  attacks: async () => (await import('./attacks/attacks.ts')).attacks(),
  chaos: async () => (await import('./chaos/chaos.ts')).chaos(),
  'crash-matrix': async () => (await import('./crash-matrix/crash-matrix.ts')).crashMatrix(),
  gateway: async () => (await import('./gateway/gateway.ts')).gateway(),
  'gateway-soak': async () => (await import('./gateway/soak.ts')).gatewaySoak(),
  queues: async () => (await import('./queues/queues.ts')).queues(),
  tools: async () => (await import('./tools/tools.ts')).tools(),
  upgrade: async () => (await import('./upgrade/upgrade.ts')).upgrade(),
  orchestration: async () => (await import('./orchestration/orchestration.ts')).orchestration(),
}

const [name = '', ...flags] = process.argv.slice(2)
const bench = benchmarks[name]
if (!bench) {
  process.stderr.write(`usage: npm run bench -- NAME [--json]\nbenchmarks: ${Object.keys(benchmarks).join(', ')}\n`)
  process.exit(2)
}
const measurements = await bench()
for (const measurement of measurements)
  process.stdout.write(flags.includes('--json') ? `${JSON.stringify(measurement)}\n` : line(measurement))
process.exit(0)

function line({ case: what, metric, value, unit, against, ratio, runs }: Measurement): string {
  const compared = against === null ? '' : `  ${ratio?.toFixed(2)} × ${against}`
  return `${what.padEnd(28)} ${metric.padEnd(16)} ${value.toFixed(2).padStart(10)} ${unit}  (${runs})${compared}\n`
}
