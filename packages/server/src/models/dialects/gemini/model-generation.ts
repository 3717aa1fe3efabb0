/** What a model takes, as far as its name tells. */
export interface ModelAbilities {
  /** How a wish to think is put: as a level since the third generation, as a number of tokens before, or not at all. */
  thinking: 'level' | 'budget' | 'none'
  /** The least budget; some models cannot do without thinking. */
  leastBudget: number
  /** Whether it refuses the levels between low and high. */
  coarseLevels: boolean
  /** Whether results of tools can hold files. */
  filesInResults: boolean
  /** Whether a call that comes back without the signature of its thoughts is refused. */
  wantsSignatures: boolean
}

/** Names without a number, such as gemini-flash-latest, are taken for the newest generation. */
export function abilitiesOf(model: string): ModelAbilities {
  const generation = Number(/gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1] ?? Number.POSITIVE_INFINITY)
  const isGemini = model.includes('gemini')
  const isThird = isGemini && generation >= 3
  return {
    thinking: isThird ? 'level' : isGemini && generation >= 2.5 ? 'budget' : 'none',
    leastBudget: /gemini-2\.5-pro/.test(model) ? 128 : 0,
    coarseLevels: /gemini-3-pro/.test(model),
    filesInResults: isThird,
    wantsSignatures: isThird,
  }
}
