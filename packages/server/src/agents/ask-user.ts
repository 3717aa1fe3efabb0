import { askUserTool, Question, type JsonSchema } from '@causeway/contracts'
import * as z from 'zod'
import type { ModelTool } from '../models/index.ts'

const { $schema: _dialect, ...input } = z.toJSONSchema(Question) as JsonSchema

/** How models are told that they can ask. */
export const askUserDefinition: ModelTool = {
  name: askUserTool,
  description:
    'Asks the user one question and waits for the answer. For what only the user can know or decide, and what no other tool tells.',
  input,
}
