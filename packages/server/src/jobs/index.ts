export { createJobs } from './create-jobs.ts'
export type { Delivery, JobHandler } from './dispatcher.ts'
export type { Jobs, NewJob, QueueName } from './jobs.ts'
export { repeatedly } from './repeatedly.ts'
