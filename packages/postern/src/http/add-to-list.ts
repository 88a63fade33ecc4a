/** Adds an item to a header that is a list, such as `Vary`, unless it is in it already or `*` says all. */
export function addToList(headers: Headers, name: string, value: string): void {
  const items = (headers.get(name) ?? '').toLowerCase().split(',')
  if (!items.some((item) => item.trim() === value || item.trim() === '*')) headers.append(name, value)
}
