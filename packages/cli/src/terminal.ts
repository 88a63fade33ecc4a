import { styleText } from 'node:util'
import type { Explanation } from './errors.js'

type Format = Parameters<typeof styleText>[0]

/** Where a command's words go. Results go to stdout; everything about getting there goes to stderr. */
export interface Terminal {
  print(line: string): void
  note(line: string): void
  /** Colours a text where a person is looking and NO_COLOR is not set. */
  paint(format: Format, text: string): string
}

export function openTerminal(
  environment: NodeJS.ProcessEnv,
  streams: { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream },
): Terminal {
  const colours = streams.stdout.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  return {
    print: (line) => void streams.stdout.write(`${line}\n`),
    note: (line) => void streams.stderr.write(`${line}\n`),
    paint: (format, text) => (colours ? styleText(format, text) : text),
  }
}

/** An error as the last thing a command says. */
export function tell(terminal: Terminal, { sentence, hint }: Explanation): void {
  terminal.note(`${terminal.paint('red', 'postern:')} ${sentence}`)
  terminal.note(`  ${terminal.paint('dim', hint)}`)
}
