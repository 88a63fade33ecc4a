/** The pathname of a request's URL, cut out of the text: parsing it again would cost each request a `URL`. */
export function pathnameOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const query = url.indexOf('?', start)
  const fragment = url.indexOf('#', start)
  if (fragment === -1) return query === -1 ? url.slice(start) : url.slice(start, query)
  return url.slice(start, query === -1 ? fragment : Math.min(query, fragment))
}
