import type { Manifest, ManifestOf, ProblemPlace } from '@causeway/contracts'
import { Cron } from 'croner'

type On = ManifestOf<'Trigger'>['spec']['on']
type Schedule = Extract<On, { type: 'cron' }>
/** What fires at a time. */
type Timed = Schedule | Extract<On, { type: 'once' }>

export const isTimed = (on: On): on is Timed => on.type === 'cron' || on.type === 'once'

/** When it fires first: a single time that is over is made up for, unless another version has fired since. */
export function firstTime(on: Timed, { now, lastAt }: { now: Date; lastAt: Date | null }): Date | null {
  if (on.type === 'cron') return nextAfter(on, now)
  const at = new Date(on.at)
  return lastAt !== null && lastAt >= at ? null : at
}

/** When it fires again after that; null where it does not. */
export const timeAfter = (on: Timed, now: Date): Date | null => (on.type === 'once' ? null : nextAfter(on, now))

/** The first instant of a schedule after another one; null where there is none. @throws Error for a schedule that cannot be read */
const nextAfter = ({ schedule, timezone }: Schedule, after: Date): Date | null =>
  // Five fields, as everybody writes them: a sixth would be seconds.
  new Cron(schedule, { timezone, mode: '5-part', paused: true }).nextRun(after)

/** Schedules of Trigger manifests that cannot be read, or never come. */
export function checkTriggerManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Trigger' || manifest.spec.on.type !== 'cron') return []
  const report = (field: string, message: string): ProblemPlace[] => [{ pointer: `/spec/on/${field}`, message }]
  try {
    Intl.DateTimeFormat('en', { timeZone: manifest.spec.on.timezone })
  } catch {
    return report('timezone', `expected a time zone such as Europe/Berlin, got "${manifest.spec.on.timezone}"`)
  }
  try {
    return nextAfter(manifest.spec.on, new Date()) ? [] : report('schedule', 'expected a time that comes')
  } catch (error) {
    return report('schedule', `expected five fields of cron: ${error instanceof Error ? error.message : String(error)}`)
  }
}
