import type { Statement, TSType } from 'oxc-parser'
import type { ParamPattern } from 'oxc-parser'
import type { ClassValue, LibraryValue, ModuleScope } from '../trace/model.js'

/**
 * What is left of a parameter's type when the code runs, which is all that a pipe can go by: a class. Interfaces, types and lists are
 * gone by then, and so is a class that was imported as a type only.
 */
export type RunTimeType =
  | { readonly is: 'class'; readonly value: ClassValue }
  /** A class of a package, of which nobody knows what it asks for. */
  | { readonly is: 'library'; readonly value: LibraryValue }
  | { readonly is: 'number' | 'text' | 'gone' }

export function typeOf(param: ParamPattern, { scope, module }: ClassValue): RunTimeType {
  const bare = param.type === 'TSParameterProperty' ? param.parameter : param
  const pattern = bare.type === 'AssignmentPattern' ? bare.left : bare
  const type = 'typeAnnotation' in pattern ? pattern.typeAnnotation?.typeAnnotation : undefined
  if (type === undefined) return { is: 'gone' }
  if (type.type === 'TSNumberKeyword' || type.type === 'TSBooleanKeyword') return { is: 'number' }
  if (type.type === 'TSStringKeyword') return { is: 'text' }
  const name = nameOf(type)
  if (name === undefined || isTypeOnly(module, name)) return { is: 'gone' }
  const value = scope.find(name)?.initial
  if (value?.kind === 'class') return { is: 'class', value }
  return value?.kind === 'library' ? { is: 'library', value } : { is: 'gone' }
}

function nameOf(type: TSType): string | undefined {
  return type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.name : undefined
}

/** `import type { CreateUserDto }`: what is checked is then no class any more, and nothing is checked. */
function isTypeOnly({ file }: ModuleScope, name: string): boolean {
  return (file.program.body as Statement[]).some(
    (node) =>
      node.type === 'ImportDeclaration' &&
      node.specifiers.some(
        (one) =>
          one.local.name === name &&
          (node.importKind === 'type' || (one.type === 'ImportSpecifier' && one.importKind === 'type')),
      ),
  )
}
