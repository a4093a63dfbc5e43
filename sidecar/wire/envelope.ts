/**
 * Snowflake's response envelope. Drivers are strict about it: `code` is a string of digits or
 * null, and on failure `data` holds `sqlState`, without which Node's driver sends the statement
 * again and drops our message.
 */

import type { FrostgateError } from '../errors.ts'

export interface Envelope {
  readonly data: unknown
  readonly code: string | null
  readonly message: string | null
  readonly success: boolean
  readonly headers: null
}

export function success(data: unknown, message: string | null = null): Envelope {
  return { data, code: null, message, success: true, headers: null }
}

/**
 * "Still running": the driver polls `getResultUrl` (relative, no query string, in every reply).
 * `asynchronous`: the client asked not to wait.
 */
export function inProgress(queryId: string, asynchronous = false): Envelope {
  return {
    data: {
      queryId,
      getResultUrl: `/queries/${queryId}/result`,
      queryAbortsAfterSecs: 300,
      progressDesc: null,
    },
    code: asynchronous ? '333334' : '333333',
    message: asynchronous
      ? 'Query execution in progress. Asynchronous execution.'
      : 'Query execution in progress.',
    success: true,
    headers: null,
  }
}

export function failure(error: FrostgateError, queryId: string): Envelope {
  return {
    data: {
      internalError: false,
      unredactedFromSecureObject: false,
      errorCode: error.code,
      age: 0,
      sqlState: error.sqlState,
      queryId,
      line: error.line ?? -1,
      pos: error.column ?? -1,
      type: 'COMPILATION',
    },
    code: error.code,
    message: error.message,
    success: false,
    headers: null,
  }
}

/** `nextAction` must be RETRY_LOGIN: any other makes the Python connector ask its user questions. */
export function loginFailure(error: FrostgateError, id: string): Envelope {
  const envelope = failure(error, id)
  const data = envelope.data as Record<string, unknown>
  return {
    ...envelope,
    data: { nextAction: 'RETRY_LOGIN', authnMethod: 'OAUTH', signInOptions: {}, ...data },
  }
}
