const reference = /"#\/components\/schemas\/([^"]+)"/g

interface Described {
  paths?: object
  components?: { schemas?: object }
}

/** The document without the named schemas that no operation leads to; each contract has one for what comes in and one for what goes out. */
export function withoutUnusedSchemas<Document extends Described>(document: Document): Document {
  const schemas: Readonly<Record<string, unknown>> = { ...document.components?.schemas }
  const used = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part ?? null).matchAll(reference)) {
      if (used.has(name)) continue
      used.add(name)
      visit(schemas[name])
    }
  }
  visit(document.paths)
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return { ...document, components: { ...document.components, schemas: kept } }
}
