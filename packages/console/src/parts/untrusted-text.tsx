import { useState, type ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'
import { piecesOf, visible } from './visible.ts'

// More than a person reads at once, and little enough for a page to stay quick.
const shownAtFirst = 8000

/** A word or line that a model, a tool or a user gave, inside a sentence of ours. */
export function Untrusted({ text }: { text: string }) {
  return (
    <bdi>
      {piecesOf(text).map((piece, index) =>
        piece.hidden ? (
          <span key={index} title="A character that would be invisible" className="text-warn font-mono text-xs">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  )
}

/** Text that a model, a tool or a user gave. It is shown as text: no markup, no links. */
export function UntrustedText({ text }: { text: string }) {
  return (
    <Cut text={text}>
      {shown => (
        <p dir="auto" className="max-w-prose break-words whitespace-pre-wrap">
          <Untrusted text={shown} />
        </p>
      )}
    </Cut>
  )
}

/** A value that a model or a tool gave, as indented JSON. The label says in words what it is, and of what. */
export function UntrustedJson({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
  return (
    <div className="relative">
      <Cut text={text}>
        {shown => (
          <pre
            dir="ltr"
            aria-label={visible(label)}
            role="group"
            tabIndex={0}
            className="bg-sunken border-line max-h-80 overflow-auto rounded-md border py-2.5 pr-11 pl-3 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
          >
            <Untrusted text={shown} />
          </pre>
        )}
      </Cut>
      <span className="absolute top-1.5 right-1.5">
        <CopyButton text={text} what={visible(label)} />
      </span>
    </div>
  )
}

function Cut({ text, children }: { text: string; children: (shown: string) => ReactNode }) {
  const [whole, setWhole] = useState(false)
  if (whole || text.length <= shownAtFirst) return children(text)
  return (
    <>
      {children(`${text.slice(0, shownAtFirst)} …`)}
      <button type="button" className="action mt-2" onClick={() => setWhole(true)}>
        Show all {text.length.toLocaleString()} characters
      </button>
    </>
  )
}
