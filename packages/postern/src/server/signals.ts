/** Where signals come from and how the process ends: `process`, or a stand-in under test. */
export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown
  off(signal: StopSignal, listener: () => void): unknown
  exit(code: number): unknown
}

/** What asks a server to stop. */
export type StopSignal = 'SIGTERM' | 'SIGINT'

/**
 * What the option `signals` asks for, if it is set. The first signal stops the server gracefully and then ends the process; a
 * second one ends it at once, for the person who does not want to wait. The answer takes the listeners away again.
 */
export function stopOnSignals(
  signals: boolean | SignalSource | undefined,
  stop: (signal: StopSignal) => Promise<void>,
): () => void {
  if (!signals) return () => {}
  const source = signals === true ? process : signals
  let stopping = false
  const listeners = SIGNALS.map(({ signal, code }) => {
    const listener = () => {
      if (stopping) return void source.exit(code)
      stopping = true
      stop(signal).then(
        () => source.exit(0),
        () => source.exit(1),
      )
    }
    source.on(signal, listener)
    return () => source.off(signal, listener)
  })
  return () => listeners.forEach((remove) => remove())
}

// A process ended by a signal answers its shell with 128 and the signal's number.
const SIGNALS = [
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
] as const
