/** Snowflake's query context cache: opaque to the gateway, which carries it from answer to request. */

import { isObject, textOf, type JsonObject } from '../json.ts'

/** Drivers keep five; what a server sends beyond any use is not carried. */
const mostEntries = 100
const mostCharacters = 64 * 1024

/** As a request's `queryContextDTO`; undefined where there is none that could be given back as it came. */
export function queryContextOf(context: unknown): JsonObject | undefined {
  if (!isObject(context) || !Array.isArray(context['entries'])) return undefined
  const entries = context['entries'].filter(isObject)
  if (entries.length > mostEntries || !entries.every(isWhole)) return undefined
  return {
    entries: entries.map(({ id, timestamp, priority, context: data }) => ({
      id, timestamp, priority,
      context: textOf(data) === undefined ? {} : { base64Data: data },
    })),
  } // prettier-ignore
}

/** A number that lost digits on the way would name another moment. */
function isWhole({ id, timestamp, priority, context }: JsonObject): boolean {
  const numbers = [id, timestamp, priority].every(
    (value) => value === undefined || Number.isSafeInteger(value),
  )
  return numbers && (textOf(context)?.length ?? 0) <= mostCharacters
}
