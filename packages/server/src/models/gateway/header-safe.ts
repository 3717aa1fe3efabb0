/** A text for a header: names are written by people, and a header takes no characters beyond ASCII. */
export const headerSafe = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?')
