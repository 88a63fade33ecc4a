import type { PolicyFacts, TableFacts } from '../../facts/database-facts.js'

/** Names that promise less than `true` gives. */
const PROMISES =
  /service role|\b(?:own|owns|owner|owners|their|my|personal|admins?|administrators?|system|internal|backend|server)\b/i
const ADMITS = /\b(?:anyone|everyone|everybody|public|publicly|all users|anon|anonymous)\b/i

/** The name of a policy says that not everybody is meant. What its table is called says nothing. */
export function isUnderstatement({ name }: PolicyFacts, table: TableFacts): boolean {
  const said = spaced(name).replace(spaced(table.name), '')
  return PROMISES.test(said) && !ADMITS.test(said)
}

const spaced = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[\s_-]+/g, ' ').toLowerCase() // prettier-ignore

/** What strangers are asked to leave: open for inserting, by design. */
const FORM =
  /(?:^|_)(?:contact|waitlist|wait_list|newsletter|subscribers?|subscriptions?_email|feedback|surveys?|lead|leads|inquiry|inquiries|enquiries|rsvps?|signups?|submissions?|requests?|page_?views?|analytics|events?|clicks?|visits?|visitors?|reports?|responses?|quotes?|bookings?|appointments?|demo)(?:_|$)/i

/** Strangers may leave something there, and may not read what others left. */
export function isPublicForm(policy: PolicyFacts, table: TableFacts): boolean {
  if (!FORM.test(snakeCase(table.name)) || isUnderstatement(policy, table) || isOwned(table)) return false
  return !table.policies.some(
    ({ command, using, roles }) =>
      command !== 'insert' && using === 'everything' && roles.some((role) => role === 'public' || role === 'anon'),
  )
}

const OWNER =
  /^(?:user|owner|author|account|profile|customer|member|tenant|org|organization|organisation|business|company|team|workspace|created)_?(?:id|by)$/i
const SECRET =
  /(?:^|_)(?:secret|secrets|api_?keys?|access_?tokens?|refresh_?tokens?|auth_?tokens?|password|password_?hash|private_?key|webhook_?secret|credentials?|otp|ssn|bank_?account|card_?number|encrypted_?\w+)(?:_|$)/i
const PERSONAL =
  /^(?:(?:user|customer|contact|client|guest|from|to|sender|recipient|billing)_?)?(?:email|e_?mail|email_?address|phone|phone_?number|mobile|date_?of_?birth|dob|birth_?date|ip|ip_?address|home_?address|street_?address|stripe_?customer_?id)$/i
const PRIVATE =
  /(?:^|_)(?:messages?|conversations?|threads?|chats?|notifications?|payments?|orders?|invoices?|transactions?|sessions?|tokens?|audit|bookings?|appointments?|subscriptions?|wallets?|documents?|logs?)(?:_|$)/i

/** Columns that are nobody else's business: secrets, and what reaches a person. */
export const secretsIn = ({ columns }: TableFacts) =>
  columns.map(({ name }) => snakeCase(name)).filter((name) => SECRET.test(name))
export const personalIn = ({ columns }: TableFacts) =>
  columns.map(({ name }) => snakeCase(name)).filter((name) => PERSONAL.test(name))

/** A column says whose a row is. */
export const isOwned = ({ columns }: TableFacts) => columns.some(({ name }) => OWNER.test(name))
/** Its name says that what it holds is between few. */
export const isPrivate = ({ name }: TableFacts) => PRIVATE.test(snakeCase(name))

const snakeCase = (name: string) => name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase()
