/**
 * Makes the invisible visible, through a whole value: a line break in a client's text would start a log line of its own
 * on a terminal, and an escape sequence could rewrite lines above it. A stack keeps its line breaks, below its message.
 */
export function visibleText(value: unknown): unknown {
  if (typeof value === 'string') return visible(value)
  if (Array.isArray(value)) return value.map(visibleText)
  if (typeof value !== 'object' || value === null) return value
  const { message, stack } = value as { message?: unknown; stack?: unknown }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      key === 'stack' && typeof stack === 'string'
        ? [key, visibleStack(stack, message)]
        : [visible(key), visibleText(item)],
    ),
  )
}

function visibleStack(stack: string, message: unknown): string {
  const told = typeof message === 'string' && message !== '' ? stack.replace(message, () => visible(message)) : stack
  return told.split('\n').map(visible).join('\n')
}

function visible(text: string): string {
  return text.replaceAll(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

// C0 and C1 controls, the two line separators of Unicode, and the marks that turn the direction of text around.
const INVISIBLE = /[\p{Cc}\u2028\u2029\p{Bidi_Control}]/gu
