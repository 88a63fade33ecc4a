import type { ParamPattern } from 'oxc-parser'
import type { Here } from '../trace/here.js'
import type { LibraryValue, Value } from '../trace/model.js'
import { callValue } from '../trace/call.js'
import { either } from '../trace/value.js'
import { type Meanings, Walker } from '../trace/walker.js'
import { EXPRESS_REQUEST } from './express.js'
import { propertyOf, textOf } from './library.js'

/** The decorators by which something of a library is injected, and what it is. */
const INJECTS: Readonly<Record<string, (args: readonly Value[]) => LibraryValue>> = {
  InjectRepository: (args) => ofLibrary('typeorm', 'Repository', args.slice(0, 1)),
  InjectTreeRepository: (args) => ofLibrary('typeorm', 'Repository', args.slice(0, 1)),
  InjectDataSource: () => ofLibrary('typeorm', 'DataSource'),
  InjectEntityManager: () => ofLibrary('typeorm', 'EntityManager'),
  InjectModel: (args) => ofLibrary('mongoose', 'model', args.slice(0, 1)),
}

function ofLibrary(name: string, type: string, args: readonly Value[] = []): LibraryValue {
  return { kind: 'library', package: name, path: [{ name: type, args }], origins: [] }
}

/**
 * What the container of NestJS injects: what a module provides for a token, or for a class that stands for others. By its type alone it is
 * what any parameter is, and this says nothing of it.
 */
export function injected(param: ParamPattern, here: Here, meanings: Meanings): Value | undefined {
  const decorators = 'decorators' in param ? (param.decorators ?? []) : []
  for (const { expression } of decorators) {
    const said = meanings.apart(expression, here)
    const step = said.kind === 'library' ? said.path.at(-1) : undefined
    if (said.kind !== 'library' || step?.args === undefined || !said.package.startsWith('@nestjs/')) continue
    const [token] = step.args
    if (token?.kind === 'library' && token.path.at(-1)?.name === 'REQUEST' && token.package.startsWith('@nestjs/'))
      return EXPRESS_REQUEST
    if (step.name === 'Inject' && token !== undefined) {
      const given =
        provided(token, here, meanings) ?? (token.kind === 'class' ? instanceOf(token, here, meanings) : undefined)
      if (given !== undefined) return given
    }
    const makes = said.package === '@nestjs/sequelize' ? undefined : INJECTS[step.name]
    if (makes !== undefined) return makes(step.args)
  }
  if (meanings.registry.provided.size === 0) return undefined
  const pattern = param.type === 'TSParameterProperty' ? param.parameter : param
  const type = 'typeAnnotation' in pattern ? pattern.typeAnnotation?.typeAnnotation : undefined
  if (type?.type !== 'TSTypeReference' || type.typeName.type !== 'Identifier') return undefined
  const named = here.scope.find(type.typeName.name)?.initial
  return named === undefined ? undefined : provided(named, here, meanings)
}

/** What a module provides for a token: of several, in modules that are not used together, it may be any. */
function provided(token: Value, here: Here, meanings: Meanings): Value | undefined {
  const key = tokenOf(token)
  const spot = { file: here.module.file, node: { start: 0, end: 0 } }
  const walker = new Walker(meanings)
  const found = (key === undefined ? [] : (meanings.registry.provided.get(key) ?? [])).flatMap((one): Value[] => {
    const value = propertyOf(one, 'useValue')
    if (value !== undefined) return [value]
    const factory = propertyOf(one, 'useFactory')
    if (factory !== undefined) {
      const inject = propertyOf(one, 'inject')
      const args = inject?.kind === 'list' ? inject.items.map((item) => instanceOf(item, here, meanings)) : []
      return [callValue(walker, factory, args, { spot })]
    }
    const made = propertyOf(one, 'useClass') ?? propertyOf(one, 'useExisting')
    return made === undefined || made === token ? [] : [instanceOf(made, here, meanings)]
  })
  return found.length === 0 ? undefined : either(found.map((value) => ({ value, given: [] })))
}

function instanceOf(value: Value, here: Here, meanings: Meanings): Value {
  const spot = { file: here.module.file, node: { start: 0, end: 0 } }
  if (value.kind === 'class') return meanings.instance(value, spot) ?? value
  if (value.kind !== 'library') return value
  const last = value.path.at(-1)
  if (last === undefined || last.args !== undefined) return value
  return { ...value, path: [...value.path.slice(0, -1), { ...last, args: [] }] }
}

/** What two tokens are the same by: a text, a class, the call that made a symbol. */
export function tokenOf(token: Value | undefined): unknown {
  if (token?.kind === 'class') return token.node
  if (token?.kind === 'library')
    return (
      token.path.find(({ args }) => args !== undefined) ??
      `${token.package} ${token.path.map(({ name }) => name).join('.')}`
    )
  return textOf(token)
}
