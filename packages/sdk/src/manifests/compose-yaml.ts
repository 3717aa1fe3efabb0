import { Composer, Lexer, Parser, type Document, type LineCounter } from 'yaml'
import type { OffsetProblem } from './check-yaml-document.ts'

/** Constructions that may be open at once; a level of data opens one or two. */
const maximumOpen = 256
const maximumDocuments = 1000

/**
 * The documents of a YAML text, or what is too much about it. The text is taken token by token, because what follows
 * takes time and stack that grow with the square of the depth: a megabyte of question marks would take minutes.
 */
export function composeYaml(text: string, lineCounter: LineCounter): Document[] | OffsetProblem {
  const parser = new Parser(lineCounter.addNewLine)
  // Repeated keys are found in check-yaml-document.ts: the library compares each with each.
  const composer = new Composer({
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    merge: false,
    resolveKnownTags: false,
    logLevel: 'error',
  })
  const documents: Document[] = []
  lineCounter.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token))
    if (parser.stack.length > maximumOpen)
      return { offset: parser.offset, message: 'expected fewer levels of lists and maps' }
    if (documents.length > maximumDocuments)
      return { offset: parser.offset, message: `expected at most ${maximumDocuments} documents` }
  }
  for (const token of parser.end()) documents.push(...composer.next(token))
  documents.push(...composer.end())
  return documents
}
