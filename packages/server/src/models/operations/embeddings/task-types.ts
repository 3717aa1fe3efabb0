const taskTypes: Readonly<Record<string, string>> = {
  search_query: 'RETRIEVAL_QUERY',
  query: 'RETRIEVAL_QUERY',
  search_document: 'RETRIEVAL_DOCUMENT',
  document: 'RETRIEVAL_DOCUMENT',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
}

/** What texts are embedded for, in the words of Cohere and Voyage, as Google calls it; other words are taken for Google's own. */
export const taskTypeOf = (inputType: string): string => taskTypes[inputType] ?? inputType
