import { calledWith } from './called-with.js'
import type { FunctionValue, Value } from '../trace/model.js'
import type { Directive, Function as FunctionNode, ParamPattern, Statement } from 'oxc-parser'
import type { SourceFile } from '../source/source-file.js'
import type { Modules } from '../trace/modules.js'
import { origin } from '../trace/origin.js'
import { from } from '../trace/value.js'
import { declarationOf } from './declaration.js'
import type { EntryPoint } from './entry-point.js'
import { frameworkOf } from './framework-of.js'

/** Server actions: what a file with `'use server'` exports, and functions that begin with it. */
export function nextActions(files: readonly SourceFile[], modules: Modules): EntryPoint[] {
  return files
    .filter(({ text }) => /['"]use server['"]/.test(text))
    .flatMap((file) => {
      const scope = modules.scopeOf(file.path)
      if (scope === undefined) return []
      if (isMarked(file.program.body as Statement[])) {
        return modules.exportsOf(file.path).flatMap((name) => {
          const handler = modules.exported(file.path, name)
          return handler === undefined ? [] : [actionOf(name, handler, declarationOf(file, name))]
        })
      }
      return inlineActions(file).map(({ name, node }) =>
        actionOf(name, { kind: 'function', node, scope, module: scope, name }, { file, node }),
      )
    })
}

function actionOf(symbol: string, handler: Value, spot: EntryPoint['spot']): EntryPoint {
  return {
    kind: 'action',
    framework: frameworkOf(handler, 'next'),
    symbol,
    method: null,
    path: null,
    spot,
    follow: calledWith(handler, argumentsOf(handler), spot),
  }
}

/** Whatever it is called with is a client's word. */
function argumentsOf(handler: Value): Value[] {
  const params = handler.kind === 'function' ? handler.node.params : [undefined, undefined, undefined]
  return params.map((param, index) => {
    const name = param === undefined ? String(index) : nameOf(param, index)
    return from(origin({ from: 'input', part: 'argument', name: '', source: { name }, validated: false }))
  })
}

function nameOf(param: ParamPattern, index: number): string {
  return param.type === 'Identifier' ? param.name : String(index)
}

export function isMarked(body: readonly (Statement | Directive)[]): boolean {
  return body.some(
    (node) => node.type === 'ExpressionStatement' && 'directive' in node && node.directive === 'use server',
  )
}

interface Inline {
  readonly name: string
  readonly node: FunctionValue['node']
}

/** Functions in components. What they see of the component around them is not followed: it is bound by the client. */
function inlineActions(file: SourceFile): Inline[] {
  const found: Inline[] = []
  const visit = (node: unknown, name: string | null): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach((inner) => visit(inner, null))
    const { type } = node as { type?: string }
    if (type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression') {
      const one = node as FunctionNode
      if (one.body?.type === 'BlockStatement' && isMarked(one.body.body))
        found.push({ name: one.id?.name ?? name ?? 'action', node: one as FunctionValue['node'] })
    }
    const declared = type === 'VariableDeclarator' ? ((node as { id: { name?: string } }).id.name ?? null) : null
    for (const [key, inner] of Object.entries(node)) if (key !== 'type') visit(inner, declared)
  }
  visit(file.program.body, null)
  return found
}
