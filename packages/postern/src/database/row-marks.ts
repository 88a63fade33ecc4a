/** What one request knows of rows beside their columns. Made at the first mark: weak collections are dear to make. */
export class RowMarks {
  #created: WeakSet<object> | undefined
  #versions: WeakMap<object, string> | undefined

  markCreated(row: object): void {
    ;(this.#created ??= new WeakSet()).add(row)
  }

  /** Whether this request made the row: returned by a function, it answers 201. */
  isCreated(row: object): boolean {
    return this.#created?.has(row) === true
  }

  markVersion(row: object, version: string | undefined): void {
    if (version !== undefined) (this.#versions ??= new WeakMap()).set(row, version)
  }

  /** The version of a row that this request read or wrote: a function that returns it answers its `ETag`. */
  versionOf(row: object): string | undefined {
    return this.#versions?.get(row)
  }
}
