import { expect, test } from 'vitest'
import { piecesOf, visible } from './visible.ts'

test('characters that hide or turn text are shown as their codes [G2.untrusted-text-visible]', () => {
  expect(visible('pay \u202eevil\u202c')).toBe('pay ⟨U+202E⟩evil⟨U+202C⟩')
  expect(visible('a\u200bb\u00adc\ufeffd\u3164e')).toBe('a⟨U+200B⟩b⟨U+00AD⟩c⟨U+FEFF⟩d⟨U+3164⟩e')
  expect(visible('\u{e0048}\u{e0049}')).toBe('⟨U+E0048⟩⟨U+E0049⟩')
  expect(visible('\ud800 \u0007\u001b[31m')).toBe('⟨U+D800⟩ ⟨U+0007⟩⟨U+001B⟩[31m')
  expect(visible('Paid in full\rNot paid')).toBe('Paid in full⟨U+000D⟩Not paid')
  // One variation selector belongs to an emoji; a row of them is a hidden message.
  expect(visible('❤\ufe0f\ufe0e\u{e0101}')).toBe('❤\ufe0f⟨U+FE0E⟩⟨U+E0101⟩')
})

test('ordinary text of every script stays as it is', () => {
  for (const text of ['', 'Line\r\nline\tend\n', 'שלום עולם', 'Ünïcode ✓ 東京', '👩‍👩‍👧‍👦 ❤️ 👍🏽', '<b>&amp;</b>'])
    expect(visible(text)).toBe(text)
})

test('codes are kept apart from a text that only looks like one', () => {
  expect(piecesOf('⟨U+202E⟩\u202e')).toEqual([
    { text: '⟨U+202E⟩', hidden: false },
    { text: '⟨U+202E⟩', hidden: true },
  ])
})
