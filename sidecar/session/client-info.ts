/** Which driver logs in, and what it can read. */

import { isObject, textOf, type JsonObject } from '../json.ts'
import type { ResultFormat } from '../upstream/parameters.ts'

export interface ClientInfo {
  readonly name: string
  readonly version: string
  /** The driver asked the server to keep its session alive. */
  readonly keepAlive: boolean
  /** In which its results are asked for; Snowflake still answers some in JSON. */
  readonly resultFormat: ResultFormat
}

/** Snowflake picks defaults by driver, so it is told the agent's; anything odd is told as ours. */
export function clientOf(data: JsonObject): ClientInfo {
  const name = textOf(data['CLIENT_APP_ID']) ?? ''
  const version = textOf(data['CLIENT_APP_VERSION']) ?? ''
  const parameters = isObject(data['SESSION_PARAMETERS']) ? data['SESSION_PARAMETERS'] : {}
  return {
    name: /^[\w .-]{1,40}$/.test(name) ? name : 'Frostgate',
    version: /^[\w.+-]{1,40}$/.test(version) ? version : '0.0.0',
    keepAlive: String(parameters['CLIENT_SESSION_KEEP_ALIVE']).toLowerCase() === 'true',
    resultFormat: 'json',
  }
}
