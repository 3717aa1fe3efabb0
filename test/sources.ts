import { globSync, readFileSync } from 'node:fs'

/** A source file of a package, with its path from the root. */
export interface Source {
  file: string
  text: string
}

/** The source files of all packages. */
export const sources: readonly Source[] = globSync('packages/*/src/**/*.{ts,tsx}').map(file => ({
  file,
  text: readFileSync(file, 'utf8'),
}))

/** Whether a file is only for tests. */
export const isTest = (file: string): boolean => /\.test\.tsx?$|\/testing\//.test(file)
