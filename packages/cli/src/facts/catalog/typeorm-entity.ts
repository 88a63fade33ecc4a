import type { LibraryValue, Value } from '../trace/model.js'
import { textOf } from './library.js'

/** The entity of a repository, however that was come by; and of an entity that is asked itself: `User.findOneBy(…)`. */
export function ownEntity({ path }: LibraryValue): string | null | undefined {
  const made = path.find(({ name, args }) => name.endsWith('Repository') && args?.[0] !== undefined)
  if (made !== undefined) return nameOfEntity(made.args?.[0])
  const base = path.findIndex(({ name }) => name === 'BaseEntity')
  return base === -1 ? undefined : (path[base + 1]?.name ?? null)
}

export function nameOfEntity(entity: Value | undefined): string | null {
  if (entity?.kind === 'class') return entity.node.id?.name ?? null
  return textOf(entity) ?? (entity?.kind === 'library' ? (entity.path.at(-1)?.name ?? null) : null)
}
