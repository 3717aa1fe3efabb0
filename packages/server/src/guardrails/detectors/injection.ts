import { allMatches, type Span } from './span.ts'

/** Ways in which texts order a model about, wherever they stand. */
export const ordersToModels = {
  overridesInstructions:
    /\b(ignore|disregard|forget|override|bypass)\b[^.]{0,40}\b(previous|prior|above|earlier|all|other|system|safety|your)\b[^.]{0,30}\b(instructions?|rules?|prompts?|messages?|guidelines?|polic(y|ies)|restrictions?)\b/i,
  hidesFromUser:
    /\b(do not|don't|never|without)\b[^.]{0,30}\b(tell|telling|mention|mentioning|inform|informing|show|showing|reveal|revealing|notify|notifying|ask|asking|disclose|disclosing)\b[^.]{0,30}\b(user|human|anyone|person|operator)\b/i,
} as const

const everywhere = (pattern: RegExp): RegExp => new RegExp(pattern, 'gi')

const patterns = [
  ...Object.values(ordersToModels).map(everywhere),
  // What separates the turns of a conversation in the templates of well-known models.
  /<\|[a-z_]{2,30}\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|important|instructions?)>/gi,
  // What speaks to whoever reads as to a model.
  /\b(?:dear|attention|to|for|hey|note)[ ,:]{1,3}(?:(?:you|the|any|this|all)[ ,]{1,2}){0,2}(?:ai|llm|gpt|chatgpt|claude|gemini|llama|language model|assistant|agent)s?(?:-[\w.]{1,10})?(?: assistant| model| agent)?s?[,:]/gi,
  /\bbefore you (?:can |may |will |could ){0,1}(?:solve|finish|complete|continue|answer|do|go on)\b[^.]{0,80}\b(?:task|request|question|job|work)\b[^.]{0,80}\b(?:first|must|following|need|have to)\b/gi,
  /\b(?:new|updated|revised|real|actual) (?:system )?(?:instructions?|prompt|task)(?: for you| from)?[^.\n]{0,30}:/gi,
]

/** Text in the shape of orders to a model. That nothing is found says nothing: orders can be put in any words. */
export const findInjections = (text: string): Span[] =>
  patterns.flatMap(pattern => allMatches(text, pattern)).toSorted((one, other) => one.from - other.from)
