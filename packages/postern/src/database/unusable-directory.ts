import { DatabaseUnreachable } from './unreachable.js'

/** What the file system says of the embedded database's directory, in words; anything else comes back as it was. */
export function toUnusable(error: unknown, directory: string): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  // A file of PGlite's own that a bundler left behind is missing too, and is no fault of the directory.
  const elsewhere = code === 'ENOENT' && (error as NodeJS.ErrnoException).syscall !== 'mkdir'
  const reason = elsewhere ? undefined : reasons[code]
  if (reason === undefined) return error
  const sentence = `The embedded database cannot be kept in ${directory}: ${reason}`
  return new DatabaseUnreachable(
    sentence,
    'Name a directory of your own in POSTERN_DIRECTORY, or set DATABASE_URL',
    error,
  )
}

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'a file is in the way',
  ENOTDIR: 'a file is in the way',
  ENOENT: 'no directory can be made there',
  EACCES: 'this user may not write there',
  EPERM: 'the system allows nobody to write there',
  EROFS: 'that file system can only be read',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'that name is too long',
  ELOOP: 'a link there leads to itself',
}
