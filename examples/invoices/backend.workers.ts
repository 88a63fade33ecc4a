// What runs beside requests: the webhooks whose events are tried again, and the jobs.
export { POST as stripe } from './app/api/webhooks/stripe/route.ts'
export { sendReceipt } from './jobs/send-receipt.ts'
