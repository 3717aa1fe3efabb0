/** The path of a thing in the API; ids and names are encoded. */
export const pathOf = (path: string, ...ids: readonly string[]): string =>
  [path, ...ids.map(encodeURIComponent)].join('/')
