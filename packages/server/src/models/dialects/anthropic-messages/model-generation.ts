/**
 * The generation of a Claude model by its name, such as 4.6 for claude-opus-4-6; undefined for names that do not say.
 * Names came in two forms: claude-3-5-sonnet-… and claude-sonnet-4-5-….
 */
export function generationOf(model: string): number | undefined {
  const [, major, minor] =
    /claude-(\d)(?:[-.](\d)(?!\d))?/.exec(model) ?? /claude-[a-z]+-(\d{1,2})(?:[-.](\d)(?!\d))?/.exec(model) ?? []
  return major === undefined ? undefined : Number(`${major}.${minor ?? 0}`)
}

/** Whether the model decides itself how much it thinks and takes an effort, where earlier ones take a number of tokens. */
export const takesEffort = (model: string): boolean => (generationOf(model) ?? 99) >= 4.6

/** Whether the model goes on with a last message of the assistant. Source: the migration guide to Claude 4.6. */
export const takesPrefill = (model: string): boolean => (generationOf(model) ?? 99) < 4.6
