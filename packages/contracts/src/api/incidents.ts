import * as z from 'zod'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** How bad an incident is. */
export const IncidentSeverity = z.enum(['critical', 'high', 'medium', 'low'])
export type IncidentSeverity = z.infer<typeof IncidentSeverity>

/** Where an incident is in its life: nobody has it yet, somebody works on it, or it is over. */
export const IncidentStatus = z.enum(['open', 'acknowledged', 'resolved'])
export type IncidentStatus = z.infer<typeof IncidentStatus>

/** Something that an incident is about. */
export const IncidentSubject = z.strictObject({
  kind: z.enum(['run', 'session', 'model-call', 'agent', 'tool', 'objective']),
  id: z.string().min(1).max(100).describe('its id, or its name where it has one'),
})
export type IncidentSubject = z.infer<typeof IncidentSubject>

const Title = z.string().trim().min(1).max(200)
const About = z.array(IncidentSubject).max(20)
const Note = z.string().trim().min(1).max(4000)
const Assignee = z.string().trim().min(1).max(200).describe('who works on it, as others are named: user:ada')

/** Something that went wrong, and what is done about it. */
export const Incident = z.object({
  id: z.string(),
  title: z.string(),
  severity: IncidentSeverity,
  status: IncidentStatus,
  about: z.array(IncidentSubject),
  assignee: z.string().nullable(),
  openedBy: z.string(),
  openedAt: Instant,
  acknowledgedAt: Instant.nullable(),
  resolvedAt: Instant.nullable(),
})
export type Incident = z.infer<typeof Incident>

/** What was done or found at a moment. */
export const IncidentEntry = z.object({
  at: Instant,
  actor: z.string(),
  note: z.string().nullable(),
  changed: z
    .object({
      title: z.string().optional(),
      severity: IncidentSeverity.optional(),
      status: IncidentStatus.optional(),
      assignee: z.string().nullable().optional(),
      about: z.array(IncidentSubject).optional().describe('what was added'),
    })
    .describe('to what'),
})
export type IncidentEntry = z.infer<typeof IncidentEntry>

/** An incident with its timeline, the oldest first. */
export const IncidentDetail = Incident.extend({ timeline: z.array(IncidentEntry) })
export type IncidentDetail = z.infer<typeof IncidentDetail>

/** Request to open an incident. */
export const OpenIncident = z.strictObject({
  title: Title,
  severity: IncidentSeverity.default('high'),
  about: About.default([]),
  note: Note.optional(),
})
export type OpenIncident = z.input<typeof OpenIncident>

/** Request to note something at an incident, to change it, or both. */
export const AddIncidentEntry = z
  .strictObject({
    note: Note.optional().describe('needed when it is resolved: what it was'),
    title: Title.optional(),
    severity: IncidentSeverity.optional(),
    status: IncidentStatus.optional(),
    assignee: Assignee.nullable().optional().describe('null for nobody'),
    about: About.min(1).optional().describe('what it is about too'),
  })
  .refine(entry => Object.values(entry).some(value => value !== undefined), {
    message: 'expected a note or a change',
  })
  .refine(({ status, note }) => status !== 'resolved' || note !== undefined, {
    path: ['note'],
    message: 'expected a note that says what it was',
  })
export type AddIncidentEntry = z.infer<typeof AddIncidentEntry>

/** Filters of the list of incidents, newest first. */
export const IncidentQuery = PageQuery.extend({
  status: IncidentStatus.optional(),
  severity: IncidentSeverity.optional(),
  about: z.string().max(100).optional().describe('the id or name of something that it is about'),
})
export type IncidentQuery = z.input<typeof IncidentQuery>

/** One page of incidents. */
export const IncidentPage = pageOf(Incident)

/** What is told when an incident begins and ends. */
export const IncidentAlert = Incident.extend({ type: z.enum(['incident-opened', 'incident-resolved']) })
export type IncidentAlert = z.infer<typeof IncidentAlert>
