import { Manifest } from '@causeway/contracts'
import { Document, Scalar, visit } from 'yaml'

/** Sorts the keys of all maps, so that data that has been through a database reads as before. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, sortKeys(part)]))
}

function orderKeys(manifest: Manifest): object {
  // Parsing gives known keys the order of the schema; maps of the author's names stay sorted.
  const { kind, name, description, spec } = Manifest.parse(sortKeys(manifest))
  return { kind, name, ...(description !== undefined && { description }), spec }
}

const title = ({ kind, name }: Manifest): string => `${kind}/${name}`

/** A text that a block scalar could not show faithfully: an editor or the library itself may drop spaces at its begin or at a line's end. */
const hasFragileSpace = (text: string): boolean => /^\s/.test(text) || /[ \t]$/m.test(text)

function toYaml(data: object): string {
  const document = new Document(data, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && hasFragileSpace(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document.toString({ lineWidth: 0 })
}

/** One YAML document for each manifest, ordered by kind and name. The same manifests give the same text. */
export const toYamlDocuments = (manifests: readonly Manifest[]): string[] =>
  manifests.toSorted((one, other) => (title(one) < title(other) ? -1 : 1)).map(manifest => toYaml(orderKeys(manifest)))

/** A YAML text that loads back to the same versions. */
export const exportManifests = (manifests: readonly Manifest[]): string => toYamlDocuments(manifests).join('---\n')
