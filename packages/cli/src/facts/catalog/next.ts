import { from, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { textOf } from './library.js'
import { ends, passesOn, readInput } from './meaning.js'
import { answers, answersJson, redirects, REQUEST } from './web.js'

const revalidates: Meaning = ({ walker, spot }) => {
  walker.note(spot, { fact: 'revalidate' })
  return UNKNOWN
}

/** Throws on what of the framework's was caught, and nothing else. */
const rethrows: Meaning = ({ walker, spot }) => {
  walker.note(spot, { fact: 'steer', name: 'rethrow' })
  return UNDEFINED
}

/** Next.js: what it answers with, how it steers, what it hands over of the request. */
export const next: Library = {
  packages: ['next/server', 'next/navigation', 'next/cache', 'next/headers', 'next'],
  calls: {
    'NextResponse()': answers,
    'NextResponse.json()': answersJson,
    'NextResponse.redirect()': redirects,
    'NextRequest()': () => REQUEST,
    'redirect()': ends('redirect'),
    'permanentRedirect()': ends('redirect'),
    'notFound()': ends('notFound'),
    'unauthorized()': ends('unauthorized'),
    'forbidden()': ends('forbidden'),
    'unstable_rethrow()': rethrows,
    'revalidatePath()': revalidates,
    'revalidateTag()': revalidates,
    'updateTag()': revalidates,
    'refresh()': revalidates,
    'unstable_cache()': passesOn(0),
    'cookies().get()': ({ walker, spot, args }) => readInput(walker, spot, 'cookies', textOf(args[0]) ?? '*'),
    'cookies().getAll()': ({ walker, spot }) => readInput(walker, spot, 'cookies'),
    'headers().get()': ({ walker, spot, args }) => readInput(walker, spot, 'headers', textOf(args[0]) ?? '*'),
    'headers().entries()': ({ walker, spot }) => readInput(walker, spot, 'headers'),
    'after()': () => from(),
  },
}
