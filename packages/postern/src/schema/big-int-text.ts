import { entityKind } from 'drizzle-orm'
import { PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { PgIntColumnBaseBuilder } from 'drizzle-orm/pg-core/columns/int.common'

interface BigIntTextConfig {
  name: ''
  dataType: 'string'
  columnType: 'BigIntText'
  data: string
  driverParam: string
  enumValues: undefined
}

/**
 * A `bigint` column whose values are strings in TypeScript: a number loses digits past 2^53 and a BigInt makes
 * `JSON.stringify` throw. Drizzle has the column type, but no mode for text.
 */
export class BigIntTextBuilder extends PgIntColumnBaseBuilder<BigIntTextConfig> {
  static override readonly [entityKind]: string = 'BigIntTextBuilder'

  constructor() {
    super('', 'string', 'BigIntText')
  }

  /** Called by Drizzle when the table is made. */
  build(table: PgTable): BigIntText {
    return new BigIntText(table, this.config as never)
  }
}

export class BigIntText extends PgColumn {
  static override readonly [entityKind]: string = 'BigIntText'

  getSQLType(): string {
    return 'bigint'
  }
}
