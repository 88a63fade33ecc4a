/** Packages that sign with a secret which they are given by this name, or in this place. */
const SIGNS =
  /['"](?:express-session|cookie-session|iron-session(?:\/[^'"]*)?|better-auth|next-auth|@auth\/[^'"]+|express-jwt|jsonwebtoken|jose|hono\/jwt|hono\/cookie|@fastify\/(?:jwt|session|secure-session|cookie)|passport-jwt|csurf|koa-session)['"]/

export const isSigning = (text: string) => SIGNS.test(text)

/** `secret: 'keyboard cat'`, in a file that uses such a package. */
export const SECRET_PROPERTY = /\b(?:secret|secretOrKey|cookieSecret|signingKey)\s*:\s*(['"`])([^'"`\n$]{4,200})\1/g

/** `jwt.sign(payload, 'secret')`, `createHmac('sha256', 'secret')`: what stands there is the key. */
export const KEY_ARGUMENT =
  /\b(?:jwt|jsonwebtoken)\.(?:sign|verify)\(\s*(?:\{[^{}()]*\}|[\w.]+)\s*,\s*(['"`])([^'"`\n$]{2,200})\1|\bcreateHmac\(\s*['"][\w-]+['"]\s*,\s*(['"`])([^'"`\n$]{2,200})\3/g

/** `process.env.JWT_SECRET || 'secret'`: where the variable is forgotten, everybody knows the key. */
export const FALLBACK =
  /\b(?:process\.env|import\.meta\.env|Bun\.env)(?:\.|\[['"])(\w*(?:SECRET|SIGNING_KEY|ENCRYPTION_KEY|SECRET_KEY))(?:['"]\])?!?\s*(?:\|\||\?\?)\s*(['"`])([^'"`\n$]{4,200})\2/g

/** Keys of somebody else's, which open nothing here: without one, what needs it fails. */
export const isProviders = (name: string) =>
  /STRIPE|PAYPAL|OPENAI|AWS|GITHUB|GOOGLE|FACEBOOK|TWITTER|DISCORD|SLACK|CLIENT|CLERK|RESEND|TWILIO|PADDLE|PAYSTACK|CAPTCHA|TURNSTILE|CLOUDINARY|PUSHER|UPLOADTHING|PLAID|S3/.test(
    name,
  )
