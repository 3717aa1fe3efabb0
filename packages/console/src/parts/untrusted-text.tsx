/** Control characters, zero-width characters and marks that turn the reading direction. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const hidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** Text as a person must see it: what would be invisible is shown as its code. */
export const visible = (text: string): string =>
  text.replaceAll(hidden, character => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`)

/** Text that a model, a tool or a user gave. It is shown as text: no markup, no links. */
export function UntrustedText({ text }: { text: string }) {
  return <p className="max-w-prose break-words whitespace-pre-wrap">{visible(text)}</p>
}

/** A value that a model or a tool gave, as indented JSON. */
export function UntrustedJson({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
  return (
    <pre
      aria-label={label}
      role="region"
      tabIndex={0}
      className="bg-sunken border-line max-h-80 overflow-auto rounded-md border p-3 font-mono text-xs break-words whitespace-pre-wrap"
    >
      {visible(text)}
    </pre>
  )
}
