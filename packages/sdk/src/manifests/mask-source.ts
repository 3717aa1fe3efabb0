const literal = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g

/**
 * A TypeScript text of the same length in which comments are blank and the insides of strings are `_`, so that
 * brackets and commas in it are those of the program. Regular expressions are not recognised.
 */
export const maskSource = (source: string): string =>
  source.replaceAll(literal, text => {
    const inside = text.replaceAll(/[^\n]/g, text.startsWith('/') ? ' ' : '_')
    return text.startsWith('/') ? inside : text.charAt(0) + inside.slice(1, -1) + text.charAt(0)
  })
