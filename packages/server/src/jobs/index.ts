export { createJobs, type Delivery, type Jobs, type QueueName } from './create-jobs.ts'
