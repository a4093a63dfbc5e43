import type { SnowflakeError } from '../engine/errors.ts'

/** The envelope of every control-plane answer. */
export interface Envelope {
  readonly data: unknown
  readonly code: string | null
  readonly message: string | null
  readonly success: boolean
  readonly headers?: null
}

export const success = (data: unknown): Envelope => ({
  data,
  code: null,
  message: null,
  success: true,
})

/** A refusal that is not about a statement: login, tokens, routes. */
export const refusal = (code: string, message: string, data: unknown = null): Envelope => ({
  data,
  code,
  message,
  success: false,
  headers: null,
})

/** A failed statement. Compilation errors come before any row is read. */
export function statementFailure(error: SnowflakeError, queryId: string): Envelope {
  const data = {
    internalError: false,
    unredactedFromSecureObject: false,
    errorCode: error.code,
    age: 0,
    sqlState: error.sqlState,
    queryId,
    line: error.line,
    pos: error.pos,
    type: error.message.startsWith('SQL compilation error') ? 'COMPILATION' : 'EXECUTION',
  }
  return { data, code: error.code, message: error.message, success: false, headers: null }
}
