import { Child } from './child.js'
import type { Credentials } from './requests.js'
import type { ServerName } from './result.js'
import { tokenOf } from './world.js'

/** A server in a process of its own, started for one round. */
export class ServerUnderTest {
  readonly name: ServerName
  readonly url: string
  readonly #child: Child

  private constructor(name: ServerName, url: string, child: Child) {
    this.name = name
    this.url = url
    this.#child = child
  }

  /** Answers when it listens. `started` learns of the process before that, so that it can be stopped. */
  static async start(
    name: ServerName,
    databaseUrl: string,
    nodeFlags: readonly string[],
    started: (child: Child) => void,
  ): Promise<ServerUnderTest> {
    const child = new Child(`./servers/${name}.server.mjs`, { DATABASE_URL: databaseUrl }, nodeFlags)
    started(child)
    const { port } = await child.ask<{ port: number }>()
    return new ServerUnderTest(name, `http://127.0.0.1:${port}`, child)
  }

  /** What its callers show; made once, so that a token is seen again. */
  credentials(): Credentials {
    const now = Date.now()
    const known = new Map<number, Readonly<Record<string, string>>>()
    return (n) => {
      const headers = known.get(n) ?? { authorization: `Bearer ${tokenOf(n, now)}` }
      known.set(n, headers)
      return headers
    }
  }

  /** Resident memory, in MB. */
  async rssMb(): Promise<number> {
    const { rss } = await this.#child.ask<{ rss: number }>({})
    return rss / 1e6
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}
