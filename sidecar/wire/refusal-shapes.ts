/**
 * How a refusal is said, so that the clients of an endpoint show it. Statuses are ones that none of
 * them retries: the Python connector and the snow CLI ask again for ever after 403, 405 or 429.
 */

import type { FrostgateError } from '../errors.ts'
import { failure, loginFailure } from './envelope.ts'

export type RefusalShape = 'envelope' | 'login' | 'sqlApi' | 'rest' | 'oauth' | 'page'

export interface Refused {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

type Shape = (
  error: FrostgateError,
  id: string,
) => Omit<Refused, 'contentType'> & {
  readonly contentType?: string
}

const shapes: Readonly<Record<RefusalShape, Shape>> = {
  // Drivers show the message of an envelope under 200, and of nothing else.
  envelope: (error, id) => ({ status: 200, body: JSON.stringify(failure(error, id)) }),
  login: (error, id) => ({ status: 200, body: JSON.stringify(loginFailure(error, id)) }),
  // "Unprocessable": the status under which SQL API clients read code, sqlState and message.
  sqlApi: (error, id) => ({
    status: 422,
    body: JSON.stringify({
      code: error.code,
      message: error.message,
      sqlState: error.sqlState,
      statementHandle: id,
    }),
  }),
  rest: (error, id) => ({
    status: 404,
    body: JSON.stringify({
      code: error.code,
      error_code: error.code,
      message: error.message,
      request_id: id,
    }),
  }),
  // RFC 6749 §5.2; its texts are printable ASCII without quotes and backslashes.
  oauth: (error) => ({
    status: 400,
    body: JSON.stringify({
      error: 'invalid_request',
      error_description: error.message.replace(/[^\x20-\x7e]|["\\]/g, "'"),
    }),
  }),
  page: (error) => ({
    status: 404,
    contentType: 'text/plain; charset=utf-8',
    body: `${error.message}\n`,
  }),
}

export function refusalIn(shape: RefusalShape, error: FrostgateError, id: string): Refused {
  return { contentType: 'application/json', ...shapes[shape](error, id) }
}
