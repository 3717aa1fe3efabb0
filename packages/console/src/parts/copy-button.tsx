import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'

/** Copies a text. Browsers allow it on secure addresses only; elsewhere the button is left out. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  if (!('clipboard' in navigator)) return null
  const Icon = copied ? Check : Copy
  return (
    <button
      type="button"
      aria-label={copied ? 'Copied' : `Copy ${what}`}
      title={copied ? 'Copied' : `Copy ${what}`}
      className="text-muted hover:text-ink hover:bg-panel inline-grid size-7 shrink-0 place-items-center rounded-md align-middle"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      <Icon aria-hidden className={`size-3.5 ${copied ? 'text-good' : ''}`} />
    </button>
  )
}

/** A command to type, with a button that copies it. */
export function Command({ text }: { text: string }) {
  return (
    <span className="bg-sunken border-line inline-flex max-w-full items-center gap-1 rounded-md border py-0.5 pr-1 pl-2.5">
      <code className="text-ink min-w-0 font-mono text-xs break-words">{text}</code>
      <CopyButton text={text} what="command" />
    </span>
  )
}
