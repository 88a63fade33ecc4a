import { serveWebhook } from './serve-webhook.js'

await serveWebhook('inline')
