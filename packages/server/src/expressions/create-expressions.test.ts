import { expect, test } from 'vitest'
import { createExpressions } from './create-expressions.ts'

const { evaluate, problemOf } = createExpressions({ part: 'dyn' })

test.each([
  ['part.amount > 1000', { amount: 1200.5 }, true],
  ['has(part.note) && part.note == "x"', {}, false],
  ['part.to.endsWith("@a.example") || part.list.exists(x, x in ["a", "b"])', { to: 'x', list: ['b'] }, true],
  ['part.list.all(x, x.size() < 3 && x != part.to && x.matches("^a"))', { to: 'b', list: ['a', 'ab'] }, true],
  ['part.to.matches("^[a-z]+@") && (part.to).matches("le$")', { to: 'kim@a.example' }, true],
  ['!part.to.matches("^x")', { to: 'kim' }, true],
])('%s of %j is %s [E3.argument-conditions]', (text, part, value) => {
  expect(problemOf(text)).toBeUndefined()
  expect(evaluate(text, { part })).toBe(value)
})

test.each([
  ['part.a.all(x, part.b.all(y, x == y))', 'in a loop'],
  ['part.a.filter(x, x in part.b).size() > 1', 'in a loop'],
  ['part.a.all(x, part.text.contains(x))', 'something else than the element'],
  ['part.a.exists(x, x + part.text == part.text + x)', 'something else than the element'],
  ['part.a.map(x, x.matches(part.text)).size() > 0', 'something else than the element'],
  ['part.text.matches(part.pattern)', 'no literal'],
  ['part.text.matches("(?<=x)y")', 'no RE2'],
  ['part.a // matches\n.matches("x")', 'before matches'],
  ['part.', ''],
  ['1 + "x" == 2', 'no such overload'],
  ['other == 1', 'other'],
])('%s is no expression here: %s [C1.hostile-input]', (text, why) => {
  expect(problemOf(text)).toContain(why)
})

test('a pattern that goes back for ever elsewhere does not [C1.hostile-input]', () => {
  expect(evaluate('part.matches("(a+)+$")', { part: `${'a'.repeat(50_000)}!` })).toBe(false)
})
