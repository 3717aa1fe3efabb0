/** Bytes of a request. Images travel inside of it. */
export const bodyLimit = 20 * 1024 * 1024
