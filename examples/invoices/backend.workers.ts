// What runs beside requests: the jobs, and the webhooks whose events are tried again.
import './app/api/webhooks/stripe/route.ts'
import './jobs/send-receipt.ts'
