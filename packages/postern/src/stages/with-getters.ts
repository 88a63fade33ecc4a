/** What each getter of a kind of object answers, from what was given when the object was made. */
export type Getters<Given> = Readonly<Record<string, (given: Given) => unknown>>

/**
 * Puts getters on an object that is made for each request. They are made once, and find what they answer from under a symbol: a getter
 * that is written into an object literal is another function each time, and V8 gives each such object a shape of its own, which
 * lives until the next full collection and holds the whole request till then. Measured on a function that does nothing: 109 µs of
 * CPU a request instead of 46, and 146 MB instead of 96.
 */
export function withGetters<Given>(getters: Getters<Given>): <T extends object>(object: T, given: Given) => T {
  const properties: PropertyDescriptorMap = {}
  for (const [name, answer] of Object.entries(getters)) {
    properties[name] = {
      enumerable: true,
      configurable: true,
      get(this: { readonly [GIVEN]: Given }) {
        return answer(this[GIVEN])
      },
    }
  }
  const names = Object.entries(properties)
  return (object, given) => {
    // Not enumerable: a copy has the values.
    Object.defineProperty(object, GIVEN, { value: given })
    for (const [name, property] of names) Object.defineProperty(object, name, property)
    return object
  }
}

const GIVEN = Symbol('given')
