import type { Approval } from '@causeway/contracts'

/** Letters that HTML reads as something else, and those that show nothing or turn the direction of writing. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`)
    .replaceAll(/[\p{Cf}\p{Cc}]/gu, letter =>
      letter === '\n' ? letter : `&lt;U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}&gt;`,
    )

/** A page of text, without a script. */
const pageOf = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
${body}
</html>
`

/** What somebody is told whose address leads nowhere. */
export const deadLinkPage = (why: string): string =>
  pageOf('Approval', `<h1>There is nothing to decide here</h1>\n<p role="alert">${escaped(why)}</p>`)

/** The page on which a person decides: text and a form. To look at it changes nothing. */
export function approvalPage(approval: Approval, { problem }: { problem?: string } = {}): string {
  const { agent, tool, requestedBy, decision, expiresAt, status, decidedBy, edited } = approval
  const values = JSON.stringify(edited?.arguments ?? approval.arguments, null, 2)
  const traced = (decision.arguments ?? []).map(
    ({ pointer, origin, from }) =>
      `<li><code>${escaped(pointer)}</code>: ${escaped(origin)} ${escaped(from.join(', '))}</li>`,
  )
  return pageOf(
    `Approval: ${tool}`,
    `<h1>${escaped(agent)} asks to call ${escaped(tool)}</h1>
<p>For ${escaped(requestedBy)}, until ${escaped(expiresAt)}.</p>
<pre>${escaped(values)}</pre>
<h2>Why a person is asked</h2>
<ul>${decision.reasons.map(({ message }) => `<li>${escaped(message)}</li>`).join('')}</ul>
${traced.length > 0 ? `<h2>Where the arguments come from</h2><ul>${traced.join('')}</ul>` : ''}
${problem === undefined ? '' : `<p role="alert"><strong>${escaped(problem)}</strong></p>`}
${
  status === 'pending'
    ? `<form method="post">
<p><label for="comment">Comment</label><br><textarea id="comment" name="comment" rows="3" cols="60" maxlength="4000"></textarea></p>
<p><button name="outcome" value="approve">Approve</button> <button name="outcome" value="deny">Deny</button></p>
</form>`
    : `<p role="status"><strong>${escaped(status)}${decidedBy === null ? '' : ` by ${escaped(decidedBy)}`}</strong></p>`
}`,
  )
}
