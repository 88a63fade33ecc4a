import { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { Backend } from '../../packages/postern/src/backend.js'
import type { Noticeboard } from './noticeboard.js'

/** Builds of the server that are broken on purpose, by what a client should notice. */
export const sabotages = {
  /** Everything is let in, and waits. */
  'shedding off'(backend: Backend<Noticeboard>) {
    Object.defineProperty(backend.database, 'isCrowded', { value: false })
  },
  /** A stop that closes connections, whatever they are at. */
  'stop drops requests'() {
    const close = NetServer.prototype.close
    NetServer.prototype.close = function (this: Server, done) {
      if (this instanceof Server) this.closeAllConnections()
      return close.call(this, done)
    }
  },
} satisfies Record<string, (backend: Backend<Noticeboard>) => void>

export type SabotageName = keyof typeof sabotages
