// A terminal acts on control characters, and format characters turn the reading direction or hide text; line feeds and
// tabs are harmless, and joiners and variation selectors inside emoji are left, which are written with them.
const harmless =
  /(?<=\p{Extended_Pictographic}\ufe0f?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\ufe0f/v
const concealed = /[[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]--[\t\n]]/v
const either = new RegExp(`${harmless.source}|(${concealed.source})`, 'gv')

/** Untrusted text as it may be shown on a terminal: what could act on it or be hidden is shown as its code, like ⟨U+001B⟩. */
export const visible = (text: string): string =>
  text.replaceAll(either, (whole, hidden: string | undefined) =>
    hidden === undefined ? whole : `⟨U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
