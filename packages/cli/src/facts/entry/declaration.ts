import type { Spot } from '../trace/model.js'
import type { Statement } from 'oxc-parser'
import type { SourceFile } from '../source/source-file.js'
import { boundNames } from '../trace/modules.js'

/** Where a module declares what it exports by a name: the declaration itself, and not where it is named for export. */
export function declarationOf(file: SourceFile, exported: string): Spot {
  const body = file.program.body as Statement[]
  for (const node of body) {
    if (node.type === 'ExportDefaultDeclaration' && exported === 'default') {
      const { declaration } = node
      if (declaration.type === 'Identifier') return localOf(body, declaration.name, file) ?? { file, node }
      return { file, node }
    }
    if (node.type !== 'ExportNamedDeclaration') continue
    if (node.declaration !== null && declares(node.declaration as Statement, exported)) return { file, node }
    for (const one of node.specifiers) {
      if (nameOf(one.exported) !== exported) continue
      return (node.source === null ? localOf(body, nameOf(one.local), file) : undefined) ?? { file, node }
    }
  }
  return { file, node: body[0] ?? { start: 0, end: 0 } }
}

function localOf(body: readonly Statement[], name: string, file: SourceFile): Spot | undefined {
  const node = body.find((one) => declares(one, name))
  return node === undefined ? undefined : { file, node }
}

function declares(node: Statement, name: string): boolean {
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') return node.id?.name === name
  return node.type === 'VariableDeclaration' && node.declarations.some(({ id }) => boundNames(id).includes(name))
}

function nameOf(node: { type: string; name?: string; value?: unknown }): string {
  return node.name ?? String(node.value)
}
