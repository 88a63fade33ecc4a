/**
 * Keeps standard output for a result: what the project's code prints there from now on goes to standard error, or a
 * `console.log` in backend.ts would be the first line of somebody's JSON. Answers what prints the result, and waits for it.
 */
export function keepStdout(): (text: string) => Promise<void> {
  const { stdout, stderr } = process
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  return (text) => new Promise((resolve) => void write(`${text}\n`, () => resolve()))
}
