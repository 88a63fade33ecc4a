import { ModuleNames } from './scope.js'
import type { ClassValue, ModuleScope, Spot, Value } from './model.js'
import type { Here } from './here.js'
import { hoist } from './hoist.js'
import type {
  AssignmentTarget,
  BindingPattern,
  Class,
  Expression,
  Function as FunctionNode,
  ModuleExportName,
  ParamPattern,
  Program,
  Statement,
} from 'oxc-parser'
import { SourceFile } from '../source/source-file.js'
import type { ImportResolver } from '../source/resolve-import.js'
import { assign, bind } from './assign.js'
import { grown } from './grown.js'
import { construct } from './call.js'
import { memberOf } from './member.js'
import { library, UNDEFINED, UNKNOWN } from './value.js'
import { type Meanings, Walker } from './walker.js'

/** What a module is called by its importers, and how to find out what it is. */
type Exports = Map<string, () => Value>

interface Loaded {
  readonly scope: ModuleScope
  readonly exports: Exports
  /** Modules whose exports it passes on: `export * from`. */
  readonly passedOn: string[]
  /** It is what it says by `module.exports = …`, and no set of names. */
  isCommonJs: boolean
  hasRun: boolean
  /** What its variables hold when all of it has been walked through. */
  end?: Walker
}

/**
 * The modules of a tree. What one declares is found out when somebody asks for it, so that what leads to no entry point costs
 * nothing, and modules that import each other in a circle end.
 */
export class Modules {
  readonly #read: (path: string) => SourceFile | undefined
  readonly #resolver: ImportResolver
  readonly #loaded = new Map<string, Loaded>()
  readonly #meanings: () => Meanings
  readonly #instances = new Map<Class, Value>()
  /** What is being found out: modules that pass names on to each other in a ring, and classes that need each other. */
  readonly #asked = new Map<unknown, number>()

  constructor(read: (path: string) => SourceFile | undefined, resolver: ImportResolver, meanings: () => Meanings) {
    this.#read = read
    this.#resolver = resolver
    this.#meanings = meanings
  }

  scopeOf(path: string): ModuleScope | undefined {
    return this.#load(path)?.scope
  }

  /** The names that leave a module, those that it passes on among them. */
  exportsOf(path: string, seen = new Set<string>()): string[] {
    const loaded = this.#load(path)
    if (loaded === undefined || seen.has(path)) return []
    seen.add(path)
    const passed = loaded.passedOn.flatMap((other) => this.exportsOf(other, seen).filter((name) => name !== 'default'))
    return [...new Set([...loaded.exports.keys(), ...passed])]
  }

  exported(path: string, name: string, seen = new Set<string>()): Value | undefined {
    const loaded = this.#load(path)
    if (loaded === undefined || seen.has(path)) return undefined
    seen.add(path)
    const own = loaded.exports.get(name)
    if (own !== undefined) return this.#unlessAsked(`${path}\0${name}`, own)
    for (const other of loaded.passedOn) {
      const found = this.exported(other, name, seen)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** What an import by this specifier brings, all of it. */
  module(specifier: string, from: ModuleScope): Value {
    return this.#all(specifier, from.file.path)
  }

  apart(node: Expression, here: Here): Value {
    const walker = new Walker(this.#meanings())
    return walker.evaluate(node, here)
  }

  parentOf(value: ClassValue): Value | undefined {
    return value.node.superClass === null ? undefined : this.apart(value.node.superClass, value)
  }

  /** By its annotation: a class of the tree is an instance of it, a library's type is an instance of the library's. */
  parameter(param: ParamPattern, here: Here): Value | undefined {
    const pattern = param.type === 'TSParameterProperty' ? param.parameter : param
    const bare = pattern.type === 'AssignmentPattern' ? pattern.left : pattern
    const type = 'typeAnnotation' in bare ? bare.typeAnnotation?.typeAnnotation : undefined
    if (type?.type !== 'TSTypeReference' || type.typeName.type !== 'Identifier') return undefined
    const cell = here.scope.find(type.typeName.name)
    const named = cell?.initial
    if (named?.kind === 'class') return this.instance(named, { file: here.module.file, node: type })
    if (named?.kind !== 'library') return undefined
    const args = (type.typeArguments?.params ?? []).flatMap((one) => {
      if (one.type !== 'TSTypeReference' || one.typeName.type !== 'Identifier') return []
      const given = here.scope.find(one.typeName.name)?.initial
      return given?.kind === 'class' ? [given] : []
    })
    return { ...named, path: [...named.path.slice(0, -1), { ...named.path.at(-1)!, args }] }
  }

  /** The one object of a class that nobody hands anything: whoever is given one is given this. */
  instance(of: ClassValue, spot: Spot): Value | undefined {
    const known = this.#instances.get(of.node)
    if (known !== undefined) return known
    const made = this.#unlessAsked(of.node, () => construct(new Walker(this.#meanings()), of, [], spot))
    if (made !== undefined) this.#instances.set(of.node, made)
    return made
  }

  #all(specifier: string, from: string): Value {
    const target = this.#resolver.resolve(specifier, from)
    if (target.kind === 'package') return library(target.name)
    if (target.kind === 'missing') return library(specifier)
    const all = (): Value => {
      if (this.#load(target.path)?.isCommonJs === true) return this.exported(target.path, 'default') ?? UNKNOWN
      const properties = new Map<string, Value>()
      for (const name of this.exportsOf(target.path)) {
        const value = this.exported(target.path, name)
        if (value !== undefined) properties.set(name, value)
      }
      return { kind: 'object', properties, others: [] }
    }
    // Twice, because what stands in the ring may want another name than the one that is being found out.
    return this.#unlessAsked(target.path, all, 2) ?? UNKNOWN
  }

  /** Whoever asks again while it is being found out stands in a ring, and is told nothing. */
  #unlessAsked<T>(key: unknown, find: () => T, mayNest = 1): T | undefined {
    const times = this.#asked.get(key) ?? 0
    if (times === mayNest) return undefined
    this.#asked.set(key, times + 1)
    try {
      return find()
    } finally {
      this.#asked.set(key, times)
    }
  }

  #imported(specifier: string, name: string, from: string): Value {
    const target = this.#resolver.resolve(specifier, from)
    if (target.kind === 'file') return this.exported(target.path, name) ?? UNKNOWN
    // What can't be found is judged like a package: by its name and how it is used.
    return library(target.kind === 'package' ? target.name : specifier, name)
  }

  #load(path: string): Loaded | undefined {
    const known = this.#loaded.get(path)
    if (known !== undefined) return known
    const file = this.#read(path)
    if (file === undefined) return undefined
    const loaded: Loaded = {
      scope: new ModuleNames(file),
      exports: new Map(),
      passedOn: [],
      isCommonJs: false,
      hasRun: false,
    }
    this.#loaded.set(path, loaded)
    let isWhole = false
    try {
      this.#declare(file.program, loaded)
      isWhole = true
    } finally {
      // On a stack that was nearly full: who comes after must not take the half for the whole.
      if (!isWhole) this.#loaded.delete(path)
    }
    return loaded
  }

  #declare(program: Program, loaded: Loaded): void {
    const here = { scope: loaded.scope, module: loaded.scope }
    const { path } = loaded.scope.file
    const statements = program.body as Statement[]
    hoist(
      statements.flatMap((one) => (isDeclared(one) ? [one.declaration as Statement] : [one])),
      here,
    )
    for (const statement of statements) this.#statement(statement, loaded, here, path)
  }

  #statement(node: Statement, loaded: Loaded, here: Here, path: string): void {
    switch (node.type) {
      case 'ImportDeclaration':
        for (const one of node.specifiers) {
          const { value: source } = node.source
          const find =
            one.type === 'ImportNamespaceSpecifier'
              ? () => this.#all(source, path)
              : () =>
                  this.#imported(source, one.type === 'ImportDefaultSpecifier' ? 'default' : textOf(one.imported), path)
          here.scope.declare(one.local.name, find)
        }
        return
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          if (node.kind === 'const') this.#variable(id, init, here)
          else for (const name of boundNames(id)) here.scope.declare(name, () => this.#atTheEnd(loaded, name))
        }
        return
      case 'ExportNamedDeclaration': {
        const { declaration, source } = node
        if (declaration !== null) {
          this.#statement(declaration as Statement, loaded, here, path)
          for (const name of namesOf(declaration as Statement)) loaded.exports.set(name, () => initialOf(here, name))
        }
        for (const one of node.specifiers) {
          const [local, exported] = [textOf(one.local), textOf(one.exported)]
          loaded.exports.set(
            exported,
            source === null ? () => initialOf(here, local) : () => this.#imported(source.value, local, path),
          )
        }
        return
      }
      case 'ExportDefaultDeclaration': {
        const { declaration } = node
        if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
          const name = declaration.id?.name
          loaded.exports.set('default', () => (name === undefined ? unnamed(declaration, here) : initialOf(here, name)))
        } else if (declaration.type !== 'TSInterfaceDeclaration') {
          const once = remembered(() => this.apart(declaration as Expression, here))
          loaded.exports.set('default', once)
        }
        return
      }
      case 'ExportAllDeclaration': {
        const { exported, source } = node
        if (exported !== null)
          loaded.exports.set(
            textOf(exported),
            remembered(() => this.#all(source.value, path)),
          )
        else {
          const target = this.#resolver.resolve(source.value, path)
          if (target.kind === 'file') loaded.passedOn.push(target.path)
        }
        return
      }
      case 'ExpressionStatement':
        return this.#commonJs(node.expression, loaded, here)
      default:
        return
    }
  }

  #variable(id: BindingPattern, init: Expression | null, here: Here): void {
    if (init === null) {
      for (const name of boundNames(id)) here.scope.declare(name, UNDEFINED)
      return
    }
    if (id.type === 'Identifier') {
      here.scope.declare(id.name, () => {
        const value = this.apart(init, here)
        if (value.kind === 'object') return grown(new Walker(this.#meanings()), id.name, value, here)
        return value.kind === 'function' && value.name === null ? { ...value, name: id.name } : value
      })
      return
    }
    // The parts of one value: it is found out once, for whichever name asks first.
    const parts = remembered(() => {
      const walker = new Walker(this.#meanings())
      const scope = new ModuleNames(here.module.file)
      bind(walker, id, walker.evaluate(init, here), { scope, module: here.module })
      return (name: string) => walker.state.get(scope.declare(name))
    })
    for (const name of boundNames(id)) here.scope.declare(name, () => parts()(name))
  }

  /** Walks through all that a module does when it is evaluated, for what it tells a framework. */
  run(path: string): void {
    const loaded = this.#load(path)
    if (loaded === undefined || loaded.hasRun) return
    loaded.hasRun = true
    const walker = new Walker(this.#meanings())
    const here = { scope: loaded.scope, module: loaded.scope }
    for (const statement of loaded.scope.file.program.body as Statement[]) {
      if (!walker.state.isReached) return
      if (statement.type === 'VariableDeclaration')
        for (const { id } of statement.declarations)
          for (const name of boundNames(id)) void loaded.scope.own(name)?.initial
      else if (statement.type === 'ExportDefaultDeclaration') void loaded.exports.get('default')?.()
      else if (statement.type === 'ExportNamedDeclaration' && statement.declaration !== null)
        for (const name of namesOf(statement.declaration as Statement)) void loaded.scope.own(name)?.initial
      else walker.execute(statement, here)
    }
  }

  /** What changes while a module is evaluated is known when all of it has been walked through. */
  #atTheEnd(loaded: Loaded, name: string): Value {
    const { scope } = loaded
    const cell = scope.own(name)
    if (cell === undefined) return UNKNOWN
    if (loaded.end !== undefined) return loaded.end.state.changed(cell)
    const walker = new Walker(this.#meanings())
    const here = { scope, module: scope }
    for (const statement of scope.file.program.body as Statement[]) {
      if (statement.type === 'VariableDeclaration' && statement.kind !== 'const') {
        for (const { id, init } of statement.declarations)
          if (init !== null) assign(walker, id as AssignmentTarget, walker.evaluate(init, here), here)
      } else if (statement.type === 'IfStatement' || isAssignment(statement)) walker.execute(statement, here)
    }
    // One walk tells of all variables: one for each would be quadratic.
    loaded.end = walker
    return walker.state.changed(cell)
  }

  /** `module.exports = …` and `exports.name = …`. */
  #commonJs(node: Expression, loaded: Loaded, here: Here): void {
    if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression' || node.left.computed) return
    const { object, property } = node.left
    const value = remembered(() => this.apart(node.right, here))
    const { name } = property as { name: string }
    if (object.type === 'Identifier' && object.name === 'module' && name === 'exports') {
      loaded.exports.set('default', value)
      loaded.isCommonJs = true
      if (node.right.type !== 'ObjectExpression') return
      for (const one of node.right.properties) {
        if (one.type !== 'Property' || one.key.type !== 'Identifier') continue
        const { name: key } = one.key
        const at = { isOptional: true, spot: null }
        loaded.exports.set(key, () => memberOf(new Walker(this.#meanings()), value(), key, at))
      }
    }
    const isExports =
      (object.type === 'Identifier' && object.name === 'exports') ||
      (object.type === 'MemberExpression' && (object.property as { name?: string }).name === 'exports')
    if (isExports) loaded.exports.set(name, value)
  }
}

function isAssignment(node: Statement): boolean {
  return node.type === 'ExpressionStatement' && node.expression.type === 'AssignmentExpression'
}

function unnamed(node: FunctionNode | Class, here: Here): Value {
  return node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
    ? { kind: 'class', node: node as Class, ...here }
    : { kind: 'function', node: node as FunctionNode, ...here, name: null }
}

function remembered<T>(find: () => T): () => T {
  let found: { value: T } | undefined
  return () => (found ??= { value: find() }).value
}

function initialOf({ scope }: Here, name: string): Value {
  return scope.own(name)?.initial ?? UNKNOWN
}

function isDeclared(
  node: Statement,
): node is Extract<Statement, { type: 'ExportNamedDeclaration' | 'ExportDefaultDeclaration' }> {
  return (
    (node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration') && node.declaration !== null
  )
}

function namesOf(node: Statement): string[] {
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => boundNames(id))
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration')
    return node.id === null ? [] : [node.id.name]
  if (node.type === 'TSEnumDeclaration') return [node.id.name]
  return []
}

export function boundNames(pattern: BindingPattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) =>
        one === null ? [] : boundNames(one.type === 'RestElement' ? one.argument : one),
      )
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => boundNames(one.type === 'RestElement' ? one.argument : one.value))
  }
}

function textOf(name: ModuleExportName): string {
  return name.type === 'Literal' ? String(name.value) : name.name
}
