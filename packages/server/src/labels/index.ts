export { isAmong, join, mayRead, trusted } from './label.ts'
export { conditionProblem, flagged, labelResult, type ResultLabels } from './label-result.ts'
export { SeenValues } from './seen-values.ts'
export { leavesOf, placesAt } from './value-pointer.ts'
