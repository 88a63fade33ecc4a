import { type CallSite, lineOf } from './database/call-site.js'
import { Turns } from './inbox/turns.js'
import type { WebhookPlan } from './webhook-plan.js'

/** The webhooks of one backend, and what they share while they run. */
export class DefinedWebhooks {
  readonly #plans = new Map<string, { readonly plan: WebhookPlan; readonly site: string | null }>()
  #turns: Turns | undefined

  /**
   * Remembers a webhook. Throws where another of its name was defined at another place; at the same place it is the same one,
   * evaluated again.
   */
  add(plan: WebhookPlan, site: CallSite): void {
    const line = lineOf(site)
    const known = this.#plans.get(plan.name)
    if (known !== undefined && known.site !== line)
      throw new TypeError(
        `Two webhooks are called ${plan.name}: stored events are found by that name, so each needs its own`,
      )
    this.#plans.set(plan.name, { plan, site: line })
  }

  get(name: string): WebhookPlan | undefined {
    return this.#plans.get(name)?.plan
  }

  get all(): readonly WebhookPlan[] {
    return [...this.#plans.values()].map(({ plan }) => plan)
  }

  /** Half of the pool's ten connections, so that the other half is there for requests; the embedded database has one. */
  turns(kind: 'postgres' | 'embedded'): Turns {
    return (this.#turns ??= new Turns(kind === 'embedded' ? 1 : 5))
  }
}
