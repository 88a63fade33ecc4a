import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The same for each attempt at one mail: a service that knows it sends it once. */
  readonly idempotencyKey: string
}

/**
 * On a desk a mail is a file in .postern/mail, named by its key, so that a second attempt writes the same one. In production put
 * your mail service here, and hand it the key.
 */
export async function sendMail({ to, subject, text, idempotencyKey }: Mail): Promise<void> {
  const directory = join(process.cwd(), '.postern', 'mail')
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, `${idempotencyKey}.txt`), `To: ${to}\nSubject: ${subject}\n\n${text}`)
}
