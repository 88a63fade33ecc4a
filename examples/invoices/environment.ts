import { env } from 'postern'
import { z } from 'zod'

/** What the environment says, read once: a server that is told nonsense does not start. */
export const environment = env(
  z.object({
    BETTER_AUTH_URL: z.url({ protocol: /^https?$/ }).optional(),
    STRIPE_WEBHOOK_SECRET: z.string().optional(),
  }),
)
