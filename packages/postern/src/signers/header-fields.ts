import { decodeHex } from './encodings.js'
import type { Signed } from './define-signer.js'
import type { Delivery, RefusedReason } from './signer.js'

/** A header of several fields: `t=1700000000,v1=…,v1=…`. */
export interface FieldsHeader {
  readonly header: string
  readonly separator: ',' | ';'
  /** The field of the time, which stands once. */
  readonly time: string
  /** The field of the signature in hexadecimal, of which there are several while a secret is rolled. Others are passed over. */
  readonly signature: string
  /** What stands between time and body in what was signed. */
  readonly joint: string
}

/** What a header of fields claims of a delivery. */
export function readFields({ headers, body }: Delivery, names: FieldsHeader): Signed | RefusedReason {
  const header = headers.get(names.header)
  if (header === null) return 'signature-missing'
  const fields = header.split(names.separator).map(fieldOf)
  const times = fields.filter(([name]) => name === names.time).map(([, value]) => value)
  // Of two times one would be signed and the other be read.
  if (times.length > 1) return 'timestamp-malformed'
  const macs = fields.filter(([name]) => name === names.signature)
  if (macs.length === 0) return times.length === 0 ? 'signature-malformed' : 'signature-missing'
  const signatures = macs.map(([, value]) => decodeHex(value)).filter((bytes) => bytes !== null)
  const timestamp = times[0] ?? null
  return { signatures, timestamp, contents: [[`${timestamp}${names.joint}`, body]] }
}

function fieldOf(text: string): [name: string, value: string] {
  const end = text.indexOf('=')
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)]
}
