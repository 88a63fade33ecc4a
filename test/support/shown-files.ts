import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, type Document, ROOT } from './markdown.ts'

/** A block that shows a file of an example says which in its first line: `// examples/adopt/prisma/backend.ts`. */
export function shownFile({ text }: Block): string | undefined {
  return /^(?:\/\/|--) (examples\/\S+\.(?:tsx?|sql))$/.exec(text.split('\n', 1)[0]!)?.[1]
}

/** What a document shows of files that say something else, one line each. Part of a file may be shown, as it stands there. */
export function staleFiles(document: Document): string[] {
  return document.blocks.flatMap((block) => {
    const path = shownFile(block)
    if (path === undefined) return []
    const at = `${document.path}:${block.line}: ${path}`
    if (!existsSync(join(ROOT, path))) return [`${at} is not there`]
    const shown = block.text.slice(block.text.indexOf('\n') + 1).trim()
    return readFileSync(join(ROOT, path), 'utf8').includes(shown) ? [] : [`${at} says something else`]
  })
}
