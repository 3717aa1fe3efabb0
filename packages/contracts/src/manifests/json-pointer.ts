/** The JSON Pointer (RFC 6901) of a path of keys and indexes; the whole document is the empty text. */
export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map(key => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The keys of a JSON Pointer (RFC 6901). An index of a list stays text. */
export const pointerKeys = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
