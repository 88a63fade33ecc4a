import type { Decorator } from 'oxc-parser'
import { callValue } from '../trace/call.js'
import type { Here } from '../trace/here.js'
import type { LibraryValue, Value } from '../trace/model.js'
import { UNKNOWN } from '../trace/value.js'
import { type Meanings, Walker } from '../trace/walker.js'

/** What a decorator says: whose it is, its name, and what it was given. */
export interface Told {
  readonly package: string
  readonly name: string
  readonly args: readonly Value[]
  readonly value: LibraryValue
}

/**
 * What decorators come to: factories of somebody's own are followed, and what they put together is told one by one. One that can't be
 * followed is told by its name alone.
 */
export function decoratorsOf(decorators: readonly Decorator[], here: Here, meanings: Meanings): Told[] {
  return decorators.flatMap(({ expression }) => {
    const told = toldBy(meanings.apart(expression, here), here, meanings, expression)
    if (told.length > 0) return told
    const callee = expression.type === 'CallExpression' ? expression.callee : expression
    const name = callee.type === 'Identifier' ? callee.name : ''
    return [{ package: '', name, args: [], value: { kind: 'library', package: '', path: [{ name }], origins: [] } }]
  })
}

/** Whether it is a decorator of NestJS' own. */
export function isNests({ package: name, name: own }: Told, wanted: string): boolean {
  return own === wanted && name.startsWith('@nestjs/')
}

function toldBy(value: Value, here: Here, meanings: Meanings, node: Decorator['expression']): Told[] {
  switch (value.kind) {
    case 'list':
      return value.items.flatMap((item) => toldBy(item, here, meanings, node))
    case 'either':
      return value.cases.flatMap((one) => toldBy(one.value, here, meanings, node))
    case 'library': {
      const step = value.path.find(({ args }) => args !== undefined) ?? value.path.at(-1)
      return step === undefined ? [] : [{ package: value.package, name: step.name, args: step.args ?? [], value }]
    }
    case 'function': {
      // `(target, key, descriptor) => { UseGuards(Guard)(target, key, descriptor) }`.
      const { applied } = meanings.registry
      applied.length = 0
      callValue(new Walker(meanings), value, [UNKNOWN, UNKNOWN, UNKNOWN], { spot: { file: here.module.file, node } })
      return applied.splice(0).flatMap((one) => toldBy(one, here, meanings, node))
    }
    default:
      return []
  }
}
