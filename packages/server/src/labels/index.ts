export { isAmong, join, mayRead, trusted } from './label.ts'
export {
  conditionProblem,
  flagged,
  labelledBy,
  labelResult,
  type LabelledPart,
  type ResultLabels,
} from './label-result.ts'
export { SeenValues } from './seen-values.ts'
export { leavesOf, placesAt } from './value-pointer.ts'
