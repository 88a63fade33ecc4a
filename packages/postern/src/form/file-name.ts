/**
 * A file's name as the client gave it, made harmless to show: its last part, without control characters and marks that turn
 * text around, at most 255 bytes, with its ending. Never empty, never `.` or `..`.
 *
 * **Security:** it is still the client's choice, and two files may have the same. Never make a path of it: keep the file under
 * a name of your own (CWE-22, CWE-434), and the client's name in a column.
 */
export function fileName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const shown = last.replaceAll(HIDDEN, '').trim()
  return /^\.*$/.test(shown) ? 'file' : shortened(shown)
}

// Controls, the separators of lines, what turns the direction of text around, and what Windows keeps for itself.
const HIDDEN = /[\p{Cc}\u2028\u2029\p{Bidi_Control}<>:"|?*]/gu

/** What file systems take: 255 bytes (ext4, APFS, NTFS in UTF-16 units). */
const MOST_BYTES = 255

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MOST_BYTES) return name
  const ending = /\.[A-Za-z0-9]{1,16}$/.exec(name)?.[0] ?? ''
  let stem = ''
  let room = MOST_BYTES - ending.length
  for (const character of name.slice(0, name.length - ending.length)) {
    room -= Buffer.byteLength(character)
    if (room < 0) break
    stem += character
  }
  return stem + ending
}
