import type { Node } from 'oxc-parser'
import type { ColumnFacts, ColumnType, Dialect } from '../database-facts.js'
import type { SourceFile } from '../source/source-file.js'
import type { Builders } from './drizzle-imports.js'
import {
  argumentsOf,
  type Chain,
  chainOf,
  type Constant,
  propertiesOf,
  propertyOf,
  resultOf,
  textOf,
} from './syntax.js'

interface Around {
  readonly file: SourceFile
  readonly dialect: Dialect
  readonly constants: readonly Constant[]
  readonly builders: Builders
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  smallint: 'int16', smallserial: 'int16', tinyint: 'int16', integer: 'int32', int: 'int32', mediumint: 'int32', serial: 'int32',
  bigint: 'int64', bigserial: 'int64', real: 'float', doublePrecision: 'float', float: 'float', double: 'float', numeric: 'decimal', decimal: 'decimal',
  text: 'text', varchar: 'text', char: 'text', uuid: 'uuid',
  // Ours.
  id: 'int64', references: 'int64', money: 'decimal', instant: 'instant',
} // prettier-ignore

const COUNTED = new Set(['serial', 'smallserial', 'bigserial', 'id'])
const COUNTING = new Set(['generatedAlwaysAsIdentity', 'generatedByDefaultAsIdentity', 'autoincrement'])
const MOST_SPREADS = 20

/** The columns of an object of builders, or of the function that is given the builders. */
export function columnsOf(node: Node, around: Around): { columns: ColumnFacts[]; key: string[] } {
  const columns: ColumnFacts[] = []
  const key: string[] = []
  const parameter = parameterOf(node)
  const waiting: (Node | undefined)[] = [resultOf(node)]
  for (let count = 0; waiting.length > 0 && count < MOST_SPREADS; count += 1) {
    const { properties, spread } = propertiesOf(waiting.pop())
    for (const name of spread) waiting.push(around.constants.find((constant) => constant.name === name)?.init)
    for (const property of properties) {
      const chain = chainOf(property.value)
      if (chain === undefined) continue
      const column = columnOf(chain, property.name, parameter, around)
      columns.push({ ...column, at: { file: around.file, node: property.node } })
      if (chain.calls.some(({ name }) => name === 'primaryKey') || column.written === 'id') key.push(column.name)
    }
  }
  return { columns, key }
}

function columnOf(
  chain: Chain,
  property: string,
  parameter: string | undefined,
  { dialect, builders }: Around,
): Omit<ColumnFacts, 'at'> {
  const isMember = chain.calls[0]?.name !== null
  const isKnown = !isMember || chain.root === parameter || builders.columns.get(chain.root) === '*'
  const builder = isMember ? (chain.calls[0]?.name ?? '') : (builders.columns.get(chain.root) ?? '')
  const [first, second] = chain.calls[0] === undefined ? [] : argumentsOf(chain.calls[0])
  const options = first?.type === 'ObjectExpression' ? first : second
  const referred = chain.calls.find(({ name }) => name === 'references')
  return {
    name: textOf(first) ?? property,
    type: isKnown ? typeOf(builder, options, dialect) : 'other',
    written: builder,
    isCounted: COUNTED.has(builder) || chain.calls.some(({ name }) => COUNTING.has(name ?? '')),
    references: referred === undefined ? null : referredBy(argumentsOf(referred)[0]),
  }
}

function typeOf(builder: string, options: Node | undefined, dialect: Dialect): ColumnType {
  if (builder === 'timestamp') {
    const zone = propertyOf(options, 'withTimezone')
    // MySQL's knows its zone. `{ ...options }` may say anything.
    if (dialect === 'mysql' || propertiesOf(options).spread.length > 0) return 'other'
    return zone?.type === 'Literal' && zone.value === true
      ? 'instant'
      : zone === undefined || zone.type === 'Literal'
        ? 'local-time'
        : 'other'
  }
  const type = TYPES[builder] ?? 'other'
  if (dialect === 'sqlite' && type === 'int32') return 'int64'
  return dialect === 'mysql' && builder === 'serial' ? 'int64' : type
}

/** `() => users.id` refers to `users`. */
function referredBy(node: Node | undefined): string {
  const result = resultOf(node)
  return result?.type === 'MemberExpression' && result.object.type === 'Identifier' ? result.object.name : ''
}

function parameterOf(node: Node): string | undefined {
  if (node.type !== 'ArrowFunctionExpression' && node.type !== 'FunctionExpression') return undefined
  const [first] = node.params
  return first?.type === 'Identifier' ? first.name : undefined
}
