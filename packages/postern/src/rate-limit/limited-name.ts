/**
 * What is limited where the slot gives no name: the method and the path with its params taken out. It is the same in every
 * process, and the same whatever the params are.
 *
 * **Security:** a name that a client could vary would be a fresh limit for each request. So params are taken out by their values,
 * and what is left is sorted: where `[id]` is called like a fixed segment (`/users/users`), it makes no difference which of the
 * two is taken. Percent-encoding is undone, because a host finds the route of `/%75sers/7` too.
 */
export function limitedName(request: Request, params: Readonly<Record<string, string | string[]>>): string {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const segments = new URL(request.url).pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decoded)
  const fixed = [...segments]
  let isWhole = true
  for (const value of Object.values(params).flat()) {
    const at = fixed.findIndex((segment) => segment === value || segment === decoded(value))
    if (at === -1) isWhole = false
    else fixed.splice(at, 1)
  }
  // A host that rewrites paths may give params that stand in none: then they alone tell.
  const path = isWhole ? fixed.sort() : []
  return JSON.stringify([method, path, Object.keys(params).sort()])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
