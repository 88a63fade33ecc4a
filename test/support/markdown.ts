import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's own directory. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block: its language, its text, and the line (from 1) on which the text begins. */
export interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
}

/** A Markdown file of the repository; `path` is relative to its root, with slashes. */
export interface Document {
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** What `#anchor` may name, as GitHub makes it from headings. */
  readonly anchors: ReadonlySet<string>
  readonly links: readonly { readonly target: string; readonly line: number }[]
}

/** Every Markdown file that a reader may meet. */
export function documents(): Document[] {
  return markdownIn('').map((path) => readDocument(path, readFileSync(join(ROOT, path), 'utf8')))
}

export function readDocument(path: string, text: string): Document {
  const lines = text.split('\n')
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { fence: string; language: string; from: number } | undefined
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*(`{3,})\s*(\w*)/.exec(line)
    const closes = open !== undefined && fence?.[1] === open.fence
    if (open === undefined && fence !== null) open = { fence: fence[1]!, language: fence[2]!, from: index + 1 }
    else if (open !== undefined && closes) {
      blocks.push({ language: open.language, text: lines.slice(open.from, index).join('\n'), line: open.from + 1 })
      open = undefined
    }
    // Blank lines stand for blocks, so that a link's line is its line in the file.
    prose.push(open === undefined && fence === null ? line : '')
  }
  if (open !== undefined) throw new Error(`${path}:${open.from}: this block is never closed`)
  return { path, text, blocks, anchors: anchorsOf(prose), links: linksOf(prose) }
}

function markdownIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (entry.isDirectory())
      return /^(?:\.|node_modules$|dist$)/.test(entry.name) && entry.name !== '.github' ? [] : markdownIn(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

function anchorsOf(prose: readonly string[]): Set<string> {
  const anchors = new Set<string>()
  for (const line of prose) {
    const title = /^#{1,6}\s+(.*?)\s*$/.exec(line)?.[1]
    if (title === undefined) continue
    const slug = title
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-')
    let free = slug
    for (let again = 1; anchors.has(free); again += 1) free = `${slug}-${again}`
    anchors.add(free)
  }
  return anchors
}

function linksOf(prose: readonly string[]): { target: string; line: number }[] {
  return prose.flatMap((line, index) => {
    const visible = line.replace(/`[^`]*`/g, '')
    const inline = [...visible.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map((match) => match[1]!)
    const reference = /^\[[^\]]+\]:\s+(\S+)/.exec(line)?.[1]
    return [...inline, ...(reference === undefined ? [] : [reference])].map((target) => ({ target, line: index + 1 }))
  })
}
