import { styleText } from 'node:util'
import type { Explanation } from './errors.js'

type Format = Parameters<typeof styleText>[0]

/** Where a command's words go. Results go to stdout; everything about getting there goes to stderr. */
export interface Terminal {
  print(line: string): void
  note(line: string): void
  /** Says what takes a while, to a person who waits. */
  progress(line: string): void
  /** Colours a text that is printed, where a person is looking and NO_COLOR is not set. */
  paint(format: Format, text: string): string
  /** The same for a note, which may go elsewhere. */
  paintNote(format: Format, text: string): string
}

export function openTerminal(
  environment: NodeJS.ProcessEnv,
  streams: { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream },
): Terminal {
  const mayColour = !environment.NO_COLOR && environment.TERM !== 'dumb'
  const painter = ({ isTTY }: NodeJS.WriteStream): Terminal['paint'] =>
    mayColour && isTTY === true ? (format, text) => styleText(format, text) : (_format, text) => text
  const paintNote = painter(streams.stderr)
  return {
    print: (line) => void streams.stdout.write(`${line}\n`),
    note: (line) => void streams.stderr.write(`${line}\n`),
    progress: (line) => void (streams.stderr.isTTY === true && streams.stderr.write(`${paintNote('dim', line)}\n`)),
    paint: painter(streams.stdout),
    paintNote,
  }
}

/** An error as the last thing a command says. */
export function tell(terminal: Terminal, { sentence, hint }: Explanation): void {
  terminal.note(`${terminal.paintNote('red', 'postern:')} ${sentence}`)
  terminal.note(`  ${terminal.paintNote('dim', hint)}`)
}
