import type { LibraryValue, ObjectValue, Value } from '../trace/model.js'
import { library } from '../trace/value.js'
import type { LibraryCall, Meanings, MethodCall, Walker } from '../trace/walker.js'
import { Registry } from '../entry/registry.js'
import { evaluate } from '../trace/evaluate.js'
import { execute } from '../trace/execute.js'
import type { Modules } from '../trace/modules.js'
import { askedOfItems } from './asked-of-items.js'
import { CATALOGS } from './catalogs.js'
import { type Library, type Meaning, Patterns, wayTo } from './library.js'
import { METHODS } from './methods.js'
import { injected } from './nest-injection.js'
import { withModels } from './sequelize.js'
import { settleStranger } from './strangers.js'
import { prismaCalls } from './prisma.js'

interface Compiled {
  readonly library: Library
  readonly calls: Patterns<Meaning>
  readonly members: Patterns<(value: LibraryValue, walker: Walker) => Value>
}

/** What the catalogs say, for a walk. */
export class CatalogMeanings implements Meanings {
  readonly language = { evaluate, execute }
  readonly registry = new Registry()
  readonly #modules: Modules
  readonly #known = new Map<string, Compiled | null>()
  readonly #compiled = CATALOGS.map((one) => ({
    library: one,
    calls: new Patterns(one.calls ?? {}),
    members: new Patterns(one.members ?? {}),
  }))
  readonly #shapes = new Patterns(prismaCalls)

  constructor(modules: Modules) {
    this.#modules = modules
  }

  call(call: LibraryCall): Value | undefined {
    const way = wayTo(call.value.path)
    const known = this.#find(call.value.package)
    if (known !== null) return (known.calls.find(way) ?? askedOfItems)(call)
    // Of a package that nobody has described, what is done with it may still tell.
    return call.value.package === 'global' ? undefined : (this.#shapes.find(way) ?? askedOfItems)(call)
  }

  settle(call: LibraryCall): Value | undefined {
    const known = this.#find(call.value.package)
    return known === null ? settleStranger(call) : known.library.settles?.(call)
  }

  member(value: LibraryValue, walker: Walker): Value | undefined {
    return this.#find(value.package)?.members.find(wayTo(value.path))?.(value, walker)
  }

  method(call: MethodCall): Value | undefined {
    const { self, name } = call.at
    return self === undefined || name == null ? undefined : METHODS.get(name)?.(self, call)
  }

  global(name: string): Value | undefined {
    return library('global', name)
  }

  grown(value: ObjectValue): Value {
    return withModels(value)
  }

  module(...args: Parameters<Meanings['module']>): Value {
    return this.#modules.module(...args)
  }

  parameter(...args: Parameters<Meanings['parameter']>): Value | undefined {
    return injected(...args, this) ?? this.#modules.parameter(...args)
  }

  instance(...args: Parameters<Meanings['instance']>): Value | undefined {
    return this.#modules.instance(...args)
  }

  parentOf(...args: Parameters<Meanings['parentOf']>): Value | undefined {
    return this.#modules.parentOf(...args)
  }

  apart(...args: Parameters<Meanings['apart']>): Value {
    return this.#modules.apart(...args)
  }

  #find(name: string): Compiled | null {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const found = this.#compiled.find(({ library: { packages } }) =>
      packages.some((one) => (one.endsWith('/') ? name.startsWith(one) : name === one)),
    )
    this.#known.set(name, found ?? null)
    return found ?? null
  }
}
