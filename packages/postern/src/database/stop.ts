/** What tells running statements to stop: an `AbortSignal`, or something that costs less than one. */
export interface Stop {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}
