import type { Library, Meaning } from './library.js'

/** What a container is asked for by its class is the one object of it; by a name or a token, nobody knows what. */
const instance: Meaning = ({ args: [asked], walker, spot }) =>
  asked?.kind === 'class' ? walker.meanings.instance(asked, spot) : undefined

/** https://github.com/typestack/typedi */
export const typedi: Library = { packages: ['typedi'], calls: { '**.get()': instance } }

/** https://github.com/microsoft/tsyringe */
export const tsyringe: Library = { packages: ['tsyringe'], calls: { '**.resolve()': instance } }

/** https://inversify.io/docs/api/container */
export const inversify: Library = {
  packages: ['inversify'],
  calls: { '**.get()': instance, '**.getAsync()': instance },
}
