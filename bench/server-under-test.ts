import { Child } from './child.js'
import type { Credentials } from './requests.js'
import type { ServerName } from './result.js'
import { CALLERS, tokenOf } from './world.js'

/** What a server is asked: what its callers show, or what it has used up. */
export type ServerMessage = { readonly callers: readonly number[] } | { readonly usage: true }

/** What a server has used up. */
export interface Usage {
  /** Resident memory, in bytes. */
  readonly rss: number
  /** Since it started, in microseconds. */
  readonly cpuUs: number
}

/** A server in a process of its own, started for one round. */
export class ServerUnderTest<Name extends string = ServerName> {
  readonly name: Name
  readonly url: string
  readonly #child: Child

  private constructor(name: Name, url: string, child: Child) {
    this.name = name
    this.url = url
    this.#child = child
  }

  /** Answers when it listens. `started` learns of the process before that, so that it can be stopped. */
  static async start<Name extends string>(
    name: Name,
    databaseUrl: string,
    nodeFlags: readonly string[],
    started: (child: Child) => void,
    file: string = name,
  ): Promise<ServerUnderTest<Name>> {
    const child = new Child(`./servers/${file}.server.mjs`, { ...ENVIRONMENT, DATABASE_URL: databaseUrl }, nodeFlags)
    started(child)
    const { port } = await child.ask<{ port: number }>()
    return new ServerUnderTest(name, `http://127.0.0.1:${port}`, child)
  }

  /** What its callers show: a token that is seen again and again, or cookies, which age and are asked for each time. */
  async credentials(): Promise<Credentials> {
    const made =
      this.name === 'postern-better-auth'
        ? await this.#child.ask<Record<string, string>[]>({ callers: CALLERS } satisfies ServerMessage)
        : CALLERS.map((n) => ({ authorization: `Bearer ${tokenOf(n, STARTED)}` }))
    return (n) => made[CALLERS.indexOf(n)]!
  }

  usage(): Promise<Usage> {
    return this.#child.ask<Usage>({ usage: true } satisfies ServerMessage)
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}

// One moment for all tokens, so that a token is the same one the next time.
const STARTED = Date.now()

const ENVIRONMENT = {
  POSTERN_AUTH_SECRET: 'sessions of the benchmark are signed with this, and nothing else is',
  BETTER_AUTH_URL: 'http://127.0.0.1',
}
