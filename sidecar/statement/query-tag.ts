/** QUERY_TAG of one statement: with it Snowflake's own history tells who asked, and what to look up here. */

import type { JsonObject } from '../json.ts'
import type { Masked } from './stages.ts'

/** Snowflake's limit: https://docs.snowflake.com/en/sql-reference/parameters#query-tag */
const limit = 2_000

/** JSON of at most 2,000 characters. A tag of the client's is kept inside, where it passes for nothing else. */
export function queryTag({
  session,
  request,
  entry,
}: {
  readonly session: Pick<Masked['session'], 'id' | 'principal'>
  readonly request: Pick<Masked['request'], 'parameters'>
  readonly entry: Pick<Masked['entry'], 'statement' | 'parent'>
}): string {
  const { provider, subject, run } = session.principal
  const frostgate = {
    session: session.id,
    statement: entry.statement,
    ...(entry.parent === undefined ? {} : { parent: entry.parent }),
    principal: plain(`${provider}:${subject}`, 500),
    ...(run === undefined ? {} : { run: plain(run, 200) }),
  }
  const own = clientTag(request.parameters)
  const tag = JSON.stringify({ frostgate, ...(own === undefined ? {} : { client: own }) })
  return tag.length <= limit ? tag : JSON.stringify({ frostgate })
}

function clientTag(parameters: JsonObject): string | undefined {
  const tag = Object.entries(parameters).find(([name]) => name.toUpperCase() === 'QUERY_TAG')?.[1]
  return typeof tag === 'string' && tag !== '' ? plain(tag, 500) : undefined
}

/** Printable, cut by characters and not inside one; quotes at worst double it. */
function plain(text: string, most: number): string {
  return Array.from(text.replace(/\p{C}/gu, ' ')).slice(0, most).join('')
}
