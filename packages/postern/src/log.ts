import type { Events, Fields, LogLevel } from './events.js'

/** The log of one request: every line carries its request id. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: Fields) => void>>

export function logOf(events: Events, requestId: string): Log {
  const at = (level: LogLevel) => (message: string, fields?: Fields) => {
    events.emit({ type: 'log', requestId, level, message, ...(fields === undefined ? {} : { fields }) })
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
