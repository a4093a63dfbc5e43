/** Conditions of rules (`when`), in CEL. Pure: no clock, no look-up, bounded cost. */

export type { ConditionEnvironment } from './environment.ts'
export { compileCondition, type Condition, type ConditionProblem } from './condition.ts'
