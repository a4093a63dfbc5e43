import type { Limits } from '../../sidecar/control/bundle.ts'

export const noLimits: Limits = {
  rowsPerStatement: undefined,
  bytesPerStatement: undefined,
  statementsPerMinute: undefined,
  concurrentStatements: undefined,
  rowsPerHour: undefined,
}
