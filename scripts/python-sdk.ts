/** The parts of the Python SDK that are made from something else: its types from the contracts, its asynchronous client from the other one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Agent,
  Approval,
  Decision,
  EventError,
  Label,
  ReplayComparison,
  Run,
  RunLimits,
  Session,
  SessionEvent,
  Spent,
  TracedArgument,
  Usage,
  WorkerCall,
} from '@causeway/contracts'
import * as z from 'zod'
import { root } from './run-command.ts'

const folder = 'sdks/python/src/causeway'

interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
}

const scalars: Readonly<Record<string, string>> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  null: 'None',
}

/** `types.py`: what the API answers, as typed dictionaries. */
export function pythonTypes(): string {
  const classes: string[] = []
  const known = new Map<string, string>()
  const literal = (value: unknown): string => (value === null ? 'None' : JSON.stringify(value))

  function typeOf(schema: Schema, name: string): string {
    const { type, properties, items, additionalProperties, anyOf, oneOf, enum: options, const: only } = schema
    if (only !== undefined) return `Literal[${literal(only)}]`
    if (options) return `Literal[${options.map(literal).join(', ')}]`
    const union = anyOf ?? oneOf
    if (union) {
      const types = union.map((option, index) => typeOf(option, union.length > 2 ? `${name}${index + 1}` : name))
      return [...new Set(types)].join(' | ')
    }
    if (Array.isArray(type)) return type.map(each => typeOf({ ...schema, type: each }, name)).join(' | ')
    if (type === 'array') return `list[${items ? typeOf(items, name) : 'Any'}]`
    if (type !== 'object') return (type !== undefined && scalars[type]) || 'Any'
    if (properties) return dictionary(schema, name)
    const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties, name) : 'Any'
    return `dict[str, ${values}]`
  }

  function dictionary({ properties = {}, required = [] }: Schema, name: string): string {
    const fields = Object.entries(properties).map(([field, schema]) => {
      const type = typeOf(schema, name + field.slice(0, 1).toUpperCase() + field.slice(1))
      return `        ${JSON.stringify(field)}: ${required.includes(field) ? type : `NotRequired[${type}]`},`
    })
    // What has the same fields is the same type.
    const same = known.get(fields.join('\n'))
    if (same) return same
    known.set(fields.join('\n'), name)
    classes.push([`${name} = TypedDict(`, `    ${JSON.stringify(name)},`, '    {', ...fields, '    },', ')'].join('\n'))
    return name
  }

  const named = {
    Label,
    TracedArgument,
    RunLimits,
    Spent,
    Decision,
    EventError,
    Agent,
    Approval,
    ReplayComparison,
    Run,
    Session,
    Usage,
    WorkerCall,
  }
  for (const [name, schema] of Object.entries(named)) typeOf(z.toJSONSchema(schema) as Schema, name)
  const { oneOf, anyOf } = z.toJSONSchema(SessionEvent) as Schema
  const events = (oneOf ?? anyOf ?? []).map(event => {
    const type = String(event.properties?.['type']?.const)
    return typeOf(event, `${type.replaceAll(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())}Event`)
  })
  return [
    '"""What the API answers. Made from the contracts by `npm run reference`."""',
    '',
    'from __future__ import annotations',
    '',
    'import sys',
    'from typing import Any, Literal, TypedDict, Union',
    '',
    'if sys.version_info >= (3, 11):',
    '    from typing import NotRequired',
    'else:',
    '    from typing_extensions import NotRequired',
    '',
    // Functional dictionaries are evaluated, and Python 3.10 has unions with a bar.
    classes.join('\n\n'),
    '',
    `SessionEvent = Union[${events.join(', ')}]`,
    '',
  ].join('\n')
}

const replacements: readonly [pattern: RegExp, text: string][] = [
  [
    /"""The client for synchronous code\."""/,
    '"""The client for asynchronous code. Made from client.py by `npm run reference`."""',
  ],
  [/import time\n/, 'import asyncio\n'],
  [/import Iterator\b/, 'import AsyncIterator'],
  [/\bIterator\[/g, 'AsyncIterator['],
  [/\bclass Client\b/, 'class AsyncClient'],
  [/(client|->)( ?:? ?)Client\b/g, '$1$2AsyncClient'],
  [/httpx\.Client\(/, 'httpx.AsyncClient('],
  [/self\.http\.close\(\)/, 'await self.http.aclose()'],
  [/self\.http\.request\(/, 'await self.http.request('],
  [/with self\.http\.stream\(/, 'async with self.http.stream('],
  [/response\.read\(\)/, 'await response.aread()'],
  [/for line in response\.iter_lines\(\)/, 'async for line in response.aiter_lines()'],
  [/time\.sleep\(/g, 'await asyncio.sleep('],
  [/import threading\n/, ''],
  [/threading\.Lock/, 'asyncio.Lock'],
  [/with self\._lock:/, 'async with self._lock:'],
  [/for _ in self\._client/, 'async for _ in self._client'],
  [/(?<!for _ in )\bself\.(_client\.runs\.(?!follow)\w+|_tools\.carry_out)\(/g, 'await self.$1('],
  [/yield from page\["data"\]/, 'for each in page["data"]:\n                yield each'],
  [/for event in events:/, 'async for event in events:'],
  [/\bself\.((?:_client\.)?send|_decide|_settled|get|close)\(/g, 'await self.$1('],
  [/__(enter|exit)__/g, '__a$1__'],
]

/** `aio.py`: the client, with every wait as `await`. */
export function pythonAsyncClient(): string {
  let text = readFileSync(join(root, folder, 'client.py'), 'utf8')
  for (const [pattern, replacement] of replacements) text = text.replace(pattern, replacement)
  // What gives an iterator back is no coroutine, unless it yields itself.
  return text.replaceAll(/^ {4}def (\w+)\([^]*?(?=^ {4}def |^class |$(?![^]))/gm, method => {
    const [signature = ''] = /^[^]*?:\n/.exec(method) ?? []
    const givesIterator = signature.includes('-> AsyncIterator') && !/\byield\b/.test(method)
    return method.startsWith('    def __init__') || givesIterator
      ? method
      : method.replace('    def ', '    async def ')
  })
}

export const pythonFiles: Readonly<Record<string, () => string>> = {
  [`${folder}/types.py`]: pythonTypes,
  [`${folder}/aio.py`]: pythonAsyncClient,
}
