/** QUERY_TAG of one statement: with it Snowflake's own history tells who asked, and what to look up here. */

import type { SessionGrant } from '../policy/decision.ts'
import { isTag, tagAmong } from '../session/client-tag.ts'
import type { SessionState } from '../session/state.ts'
import type { Statement } from '../sql/statements.ts'
import type { Masked } from './stages.ts'

/** Snowflake's limit: https://docs.snowflake.com/en/sql-reference/parameters#query-tag */
const limit = 2_000

/** JSON of at most 2,000 characters. A tag of the client's is kept inside, where it passes for nothing else. */
export function queryTag({
  session,
  request,
  entry,
}: {
  readonly session: Pick<Masked['session'], 'id' | 'principal'> & {
    readonly state: Pick<SessionState, 'tag'>
  }
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
  const own = tagAmong(request.parameters) ?? session.state.tag
  const client = own === undefined || own === '' ? undefined : plain(own, 500)
  const tag = JSON.stringify({ frostgate, ...(client === undefined ? {} : { client }) })
  return tag.length <= limit ? tag : JSON.stringify({ frostgate })
}

/**
 * The client's own tag that a statement sets and nothing else, empty by UNSET; undefined for any
 * other statement, and where policy fixes the tag.
 */
export function tagSet(
  statement: Statement,
  { parameters: fixed }: Pick<SessionGrant, 'parameters'>,
): string | undefined {
  if (statement.kind !== 'AlterSession' || Object.keys(fixed).some(isTag)) return undefined
  const [only, ...more] = statement.parameters
  if (only === undefined || !isTag(only.name) || more.length > 0) return undefined
  if (statement.action === 'UNSET') return ''
  const { value } = only
  const fits = value?.kind === 'Literal' && value.type === 'string' && value.value.length <= limit
  return fits ? value.value : undefined
}

/** Printable, cut by characters and not inside one; quotes at worst double it. */
function plain(text: string, most: number): string {
  return Array.from(text.replace(/\p{C}/gu, ' ')).slice(0, most).join('')
}
