/** How files of a type begin. */
export interface FileSignature {
  readonly type: string
  /** Where the bytes stand. */
  readonly at: number
  /** In hexadecimal, two digits a byte; `..` is any byte. */
  readonly bytes: string
}

const text = (words: string) => Buffer.from(words, 'latin1').toString('hex')
const starts = (type: string, ...beginnings: string[]): FileSignature[] =>
  beginnings.map((bytes) => ({ type, at: 0, bytes }))
/** ISO base media: four bytes of length, `ftyp`, then the brand. */
const brands = (type: string, ...names: string[]): FileSignature[] =>
  names.map((name) => ({ type, at: 4, bytes: text(`ftyp${name}`) }))
const ZIP = ['504b0304', '504b0506', '504b0708']
const zipped = (type: string) => starts(type, ...ZIP)

/**
 * The beginnings that tell types apart. Office documents, EPUB and Java archives are zip archives, and no more is asked of them.
 *
 * Source: PNG §5.2, RFC 2083; ITU-T T.81; RFC 9649 (WebP); ISO/IEC 14496-12, 23008-12 and the AV1 image format; ISO 32000-1
 * §7.5.2; RFC 1952; PKWARE APPNOTE §4.3; RFC 3533 (Ogg); ID3v2 §3.1; RFC 9559 (Matroska); W3C WOFF 2 §4; RFC 8878 (zstd).
 */
export const FILE_SIGNATURES: readonly FileSignature[] = [
  ...starts('image/png', '89504e470d0a1a0a'),
  ...starts('image/jpeg', 'ffd8ff'),
  ...starts('image/gif', text('GIF87a'), text('GIF89a')),
  ...starts('image/webp', `${text('RIFF')}........${text('WEBP')}`),
  ...starts('image/tiff', '49492a00', '4d4d002a'),
  ...starts('image/x-icon', '00000100'),
  ...brands('image/avif', 'avif', 'avis'),
  ...brands('image/heic', 'heic', 'heix', 'hevc', 'hevx', 'heim', 'heis'),
  ...brands('image/heif', 'mif1', 'msf1'),
  ...starts('application/pdf', text('%PDF-')),
  ...starts('application/zip', ...ZIP),
  ...zipped('application/vnd.openxmlformats-officedocument.wordprocessingml.document'),
  ...zipped('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
  ...zipped('application/vnd.openxmlformats-officedocument.presentationml.presentation'),
  ...zipped('application/vnd.oasis.opendocument.text'),
  ...zipped('application/vnd.oasis.opendocument.spreadsheet'),
  ...zipped('application/epub+zip'),
  ...zipped('application/java-archive'),
  ...starts('application/msword', 'd0cf11e0a1b11ae1'),
  ...starts('application/vnd.ms-excel', 'd0cf11e0a1b11ae1'),
  ...starts('application/gzip', '1f8b08'),
  ...starts('application/x-7z-compressed', '377abcaf271c'),
  ...starts('application/vnd.rar', '526172211a07'),
  ...starts('application/x-xz', 'fd377a585a00'),
  ...starts('application/zstd', '28b52ffd'),
  ...starts('application/vnd.sqlite3', text('SQLite format 3\0')),
  ...starts('application/rtf', text('{\\rtf')),
  ...starts('application/wasm', '0061736d'),
  ...starts('application/x-elf', '7f454c46'),
  ...brands(
    'video/mp4',
    'isom',
    'iso2',
    'iso4',
    'iso5',
    'iso6',
    'mp41',
    'mp42',
    'avc1',
    'dash',
    'M4V ',
    'M4VH',
    'MSNV',
  ),
  ...brands('video/quicktime', 'qt  '),
  ...starts('video/webm', '1a45dfa3'),
  ...starts('video/x-matroska', '1a45dfa3'),
  ...brands('audio/mp4', 'M4A ', 'M4B '),
  ...starts('audio/mpeg', text('ID3'), 'fffb', 'fff3', 'fff2', 'fffa'),
  ...starts('audio/wav', `${text('RIFF')}........${text('WAVE')}`),
  ...['audio/ogg', 'video/ogg', 'application/ogg'].flatMap((type) => starts(type, text('OggS'))),
  ...starts('audio/flac', text('fLaC')),
  ...starts('font/woff2', text('wOF2')),
  ...starts('font/woff', text('wOFF')),
  ...starts('font/otf', text('OTTO')),
  ...starts('font/ttf', '0001000000'),
]
