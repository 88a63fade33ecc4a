import type { ColumnType, Dialect } from '../database-facts.js'

const BY_NAME: Readonly<Record<string, ColumnType>> = {
  smallint: 'int16', int2: 'int16', smallserial: 'int16', serial2: 'int16', tinyint: 'int16',
  integer: 'int32', int: 'int32', int4: 'int32', serial: 'int32', serial4: 'int32', mediumint: 'int32',
  bigint: 'int64', int8: 'int64', bigserial: 'int64', serial8: 'int64',
  real: 'float', float: 'float', float4: 'float', float8: 'float', double: 'float', 'double precision': 'float',
  numeric: 'decimal', decimal: 'decimal', money: 'decimal',
  timestamptz: 'instant', 'timestamp with time zone': 'instant', datetimeoffset: 'instant',
  timestamp: 'local-time', 'timestamp without time zone': 'local-time',
  text: 'text', varchar: 'text', 'character varying': 'text', char: 'text', bpchar: 'text', citext: 'text', character: 'text',
  nvarchar: 'text', longtext: 'text', mediumtext: 'text',
  uuid: 'uuid', uniqueidentifier: 'uuid',
} // prettier-ignore

const COUNTED = new Set(['smallserial', 'serial2', 'serial', 'serial4', 'bigserial', 'serial8'])

/** What a type's name means: `int` is 64 bits wide in SQLite, and MySQL's `timestamp` is an instant. */
export function columnTypeOf(name: string, dialect: Dialect): ColumnType {
  const type = BY_NAME[name.toLowerCase()] ?? 'other'
  if (dialect === 'sqlite' && (type === 'int32' || type === 'int16')) return 'int64'
  // Elsewhere there is none that knows its zone, or none that everybody would use.
  if (type === 'local-time' && dialect !== 'postgresql' && dialect !== 'unknown')
    return dialect === 'mysql' ? 'instant' : 'other'
  return type
}

export const isCountedType = (name: string) => COUNTED.has(name.toLowerCase())
