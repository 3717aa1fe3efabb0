/** Who made a model, and for Anthropic's which one it is: what Converse leaves to the model differs by that. */
export type ModelFamily =
  | { name: 'claude'; /** 4.6 is 406. */ version: number }
  | { name: 'nova' | 'gpt-oss' | 'qwen' | 'mistral' | 'other' }
  /** A profile of one's own, whose name does not say what is behind it. */
  | { name: 'unknown' }

/** @param model the id of a model or an inference profile, or an ARN */
export function familyOf(model: string): ModelFamily {
  const claude = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?![\d])/.exec(model)
  if (claude) return { name: 'claude', version: Number(claude[1]) * 100 + Number(claude[2] ?? 0) }
  if (model.includes('anthropic.')) return { name: 'claude', version: 200 }
  if (model.includes('amazon.nova')) return { name: 'nova' }
  if (model.includes('openai.')) return { name: 'gpt-oss' }
  if (model.includes('qwen.')) return { name: 'qwen' }
  if (model.includes('mistral.')) return { name: 'mistral' }
  return { name: model.startsWith('arn:') ? 'unknown' : 'other' }
}

/** Whether the model's makers say that it takes cache points and the status of tool results. */
export const isClaudeOrNova = ({ name }: ModelFamily): boolean =>
  name === 'claude' || name === 'nova' || name === 'unknown'
