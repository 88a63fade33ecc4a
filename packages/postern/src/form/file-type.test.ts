import { describe, expect, test } from 'vitest'
import { FILE_SIGNATURES } from './file-signatures.js'
import { fileName } from './file-name.js'
import { fileType } from './file-type.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const typeOf = (content: Buffer | string, declared: string, ...allowed: string[]) =>
  fileType(typeof content === 'string' ? Buffer.from(content) : content, declared, allowed)

/** A file of a type: how it begins, and some more. */
function sample({ at, bytes: pattern }: { at: number; bytes: string }): Buffer {
  return Buffer.concat([Buffer.alloc(at), Buffer.from(pattern.replaceAll('.', '0'), 'hex'), Buffer.from([0, 255, 7])])
}

describe('a type with a known beginning', () => {
  test.each(FILE_SIGNATURES.map((signature) => [signature.type, signature] as const))('%s', (type, signature) => {
    expect(typeOf(sample(signature), type, type)).toBe(type)
    // Whatever was declared, it is known by its bytes; and not by anything but them.
    expect(typeOf(sample(signature), 'text/plain', type)).toBe(type)
    expect(typeOf('no such file', type, type)).toBeNull()
    expect(typeOf(sample(signature).subarray(0, signature.at + signature.bytes.length / 2 - 1), type, type)).toBeNull()
  })

  test('is not taken for another', () => {
    const png = Buffer.from('89504e470d0a1a0a00', 'hex')
    expect(typeOf(png, 'image/jpeg', 'image/jpeg', 'application/pdf')).toBeNull()
    expect(typeOf(png, 'image/jpeg', 'image/jpeg', 'image/png')).toBe('image/png')
    expect(typeOf(png, 'application/x-own', 'application/x-own')).toBeNull()
  })

  test('that it shares with others is what was declared among them', () => {
    const zip = Buffer.from('504b030414', 'hex')
    const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
    expect(typeOf(zip, docx, 'application/zip', docx)).toBe(docx)
    expect(typeOf(zip, 'text/html', 'application/zip', docx)).toBe('application/zip')
  })
})

describe('a text', () => {
  test.each(['text/plain', 'text/csv', 'application/json'])('%s is UTF-8 without NUL', (type) => {
    expect(typeOf('größe;1\n', type, type)).toBe(type)
    expect(typeOf('größe;1\n', 'application/vnd.ms-excel', type)).toBe(type)
    expect(typeOf(bytes('gr\xf6\xdfe'), type, type)).toBeNull()
    expect(typeOf('a\0b', type, type)).toBeNull()
  })

  test.each([
    '<!DOCTYPE html><script>alert(1)</script>',
    '\uFEFF \n<!-- x --><html><body>',
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<?xml version="1.0"?><svg onload="alert(1)"/>',
    '<?xml version="1.0"?><a/>',
    '%PDF-1.7 in letters only',
    'GIF89a/*<script>*/=1',
  ])('%j is no plain text, whatever it is called', (text) => {
    for (const type of ['text/plain', 'text/csv', 'application/json']) expect(typeOf(text, type, type)).toBeNull()
  })

  test('a page and a drawing pass only where they are listed', () => {
    const svg = '<svg onload="x"/>'
    expect(typeOf(svg, 'image/svg+xml', 'image/png', 'image/jpeg')).toBeNull()
    expect(typeOf(svg, 'image/svg+xml', 'image/svg+xml')).toBe('image/svg+xml')
    expect(typeOf('<html>', 'text/html', 'text/plain')).toBeNull()
    expect(typeOf('<html>', 'text/plain', 'text/html')).toBe('text/html')
    expect(typeOf(svg, 'text/html', 'text/html')).toBeNull()
    expect(typeOf('just words', 'image/svg+xml', 'image/svg+xml')).toBeNull()
  })

  test('words that begin like music are words', () => {
    expect(typeOf('ID3,name\n1,x', 'text/csv', 'text/csv')).toBe('text/csv')
  })
})

test('a polyglot is what its first bytes say, so that nobody serves it as the other', () => {
  const gifWithScript = 'GIF89a/*\0*/=1;alert(document.domain)//<script>'
  expect(typeOf(gifWithScript, 'text/html', 'image/gif')).toBe('image/gif')
  expect(typeOf(gifWithScript, 'text/html', 'text/html')).toBeNull()
  expect(typeOf('<script>/*\n%PDF-1.7', 'application/pdf', 'application/pdf')).toBeNull()
})

test('a type of which nothing is known is what it is called, if it begins like nothing else', () => {
  expect(typeOf(Buffer.from([1, 2, 3, 4, 5]), 'model/stl', 'model/stl')).toBe('model/stl')
  expect(typeOf(Buffer.from([1, 2, 3, 4, 5]), 'model/obj', 'model/stl')).toBeNull()
  expect(typeOf('%PDF-1.7', 'model/stl', 'model/stl')).toBeNull()
})

describe('the name of a file', () => {
  test.each([
    ['a.pdf', 'a.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\y.txt', 'y.txt'],
    ['/etc/passwd\0.png', 'passwd.png'],
    ['a\r\nset-cookie: b=c', 'aset-cookie b=c'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['a/', 'file'],
    ['  x  ', 'x'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['"<b>".html', 'b.html'],
    ['größe 日本.png', 'größe 日本.png'],
    ['\u2028\u0007', 'file'],
  ])('%j becomes %j', (given, kept) => expect(fileName(given)).toBe(kept))

  test('is short enough for any file system, and keeps its ending', () => {
    const name = fileName(`${'日本'.repeat(200)}.tar.png`)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(name).toMatch(/^(?:日本)+日?\.png$/)
    expect(fileName('x'.repeat(300))).toBe('x'.repeat(255))
  })
})
