/** A value as JSON shows it: an instant is text, as is what is larger than a number holds. `JsonOf<typeof posts.$inferSelect>`. */
export type JsonOf<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends bigint
      ? string
      : T extends { toJSON(): infer Json }
        ? JsonOf<Json>
        : T extends (...args: never) => unknown
          ? never
          : T extends readonly (infer Item)[]
            ? JsonOf<Item>[]
            : T extends object
              ? { [K in keyof T]: JsonOf<T[K]> }
              : never
