import type { Judgement } from '../../sidecar/statement/judgement.ts'
import type { Difference } from './expectation.ts'

export interface CaseResult {
  readonly suite: string
  readonly file: string
  readonly name: string
  /** Empty: it passed. */
  readonly differences: readonly Difference[]
  readonly judgement: Judgement
  readonly milliseconds: number
}
