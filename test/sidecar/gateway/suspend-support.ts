/** Bundles that suspend, and statements that wait at Snowflake. */

import type { Bundle, Suspension } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import type { ClientSession } from '../../support/client.ts'
import { eventually, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, type SeenRequest } from '../../support/upstream.ts'

/** For a step that a busy machine takes long over. */
const patienceMs = 10_000

export const reason = 'it read what it should not'

export const agent = 'agent-7'

/** The bundle with `suspend`, of these agents; of everybody, if none is named. */
export function suspending(bundle: Bundle, ...subjects: readonly string[]): Bundle {
  const provider = bundle.connection.identityProviders[0]?.name ?? ''
  const suspend: Suspension = {
    all: subjects.length === 0,
    principals: subjects.map((subject) => ({ provider, subject })),
    reason: `${reason}.`,
  }
  return sealBundle({ ...bundle, connection: { ...bundle.connection, suspend } })
}

export async function loginAs(
  { issuer }: World,
  { client }: TestGateway,
  subject: string,
): Promise<ClientSession> {
  return await client.open(await issuer.mint({ subject, groups: ['ai-coding-agents'] }))
}

/** Requests that it lets through only once it is released. */
export function holdUpstream(
  world: World,
  which: (request: SeenRequest) => boolean = isAgentStatement,
) {
  const held = Promise.withResolvers<undefined>()
  let reached = 0
  world.upstream.script = (request) => {
    if (!which(request)) return undefined
    reached += 1
    return held.promise
  }
  return {
    release: () => {
      held.resolve(undefined)
    },
    reached: (count = 1) => eventually(() => reached >= count, patienceMs),
  }
}

/** What came to Snowflake since, by path and query. */
export const since = (world: World, from: number, what: RegExp): readonly SeenRequest[] =>
  world.upstream.seen
    .slice(from)
    .filter(({ path, query }) => what.test(`${path}?${query.toString()}`))
