import {
  clerk,
  discord,
  github,
  openai,
  paddle,
  polar,
  resend,
  shopify,
  type Signer,
  slack,
  standardWebhooks,
  stripe,
  supabase,
  svix,
  type TimedOptions,
  twilio,
} from 'postern/webhooks'

type MakeSigner = (options: TimedOptions) => Signer

const SIGNERS = new Map<string, MakeSigner>([
  ['stripe', stripe],
  ['standard-webhooks', standardWebhooks],
  ['svix', svix],
  ['clerk', clerk],
  ['resend', resend],
  ['openai', openai],
  ['polar', polar],
  ['supabase', supabase],
  ['github', github],
  ['slack', slack],
  ['shopify', shopify],
  ['paddle', paddle],
  ['twilio', twilio],
  ['discord', discord],
])

/** Every provider that there is a signer of. */
export const PROVIDERS: readonly string[] = [...SIGNERS.keys()]

/** What makes the signer of a provider, or nothing. `standardWebhooks`, `standard_webhooks` and `Standard-Webhooks` are one name. */
export function signerByName(name: string): MakeSigner | undefined {
  const said = bare(name)
  return SIGNERS.get(PROVIDERS.find((provider) => bare(provider) === said) ?? '')
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}
