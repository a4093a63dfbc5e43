/** A gateway to throw requests at, before an upstream that remembers its answers. */

import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import { textIn, type ClientSession } from '../../support/client.ts'
import type { TestGateway, World } from '../../support/gateway.ts'
import { noLimits } from '../../support/limits.ts'
import { json, type Envelope, type Script } from '../../support/upstream.ts'
import type { Tokens } from './bodies.ts'

/** Errors as recorded, by name. */
export type RecordedErrors = Map<string, number>

export interface Bench {
  readonly gateway: TestGateway
  /** Only asks whether the gateway still serves. */
  readonly live: ClientSession
  readonly tokens: Tokens
  readonly recorded: RecordedErrors
  close(): Promise<void>
}

/** Texts that are sent to the warehouse itself each time: what the live session asks. */
export const liveSql = 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 3'

/** The warehouse answers each question once; logins share one session there, which nobody ends. */
export function rememberingScript(): Script {
  const known = new Map<string, Envelope>()
  return async ({ path, sql, body, method }, forward) => {
    if (method === 'POST' && !/login-request|query-request/.test(path))
      return json({ data: { sessionToken: null }, code: null, message: null, success: true })
    if (sql === liveSql) return undefined
    const key = JSON.stringify([path, sql, body['bindings'], body['describeOnly']])
    const answer = known.get(key) ?? (await forward())
    if (known.size < 5_000) known.set(key, answer)
    return json(answer)
  }
}

function count(errors: RecordedErrors, event: RecordedEvent): void {
  if (!('error' in event) || event.error === null) return
  const { name, message } = event.error
  const many = name === 'LoginsUnrecorded' ? Number(/\d+/.exec(message)?.[0]) : 1
  errors.set(name, (errors.get(name) ?? 0) + many)
}

export async function startBench(world: World): Promise<Bench> {
  const recorded: RecordedErrors = new Map()
  const policies = world.bundle.policies.map((policy) => ({ ...policy, limits: noLimits }))
  const gateway = await world.gateway({
    bundle: { ...world.bundle, policies },
    mostSessions: { perIdentity: 100_000, all: 100_000 },
    longPollMs: 20_000,
    // Each is compared with what was answered.
    refusalsRecorded: Number.MAX_SAFE_INTEGER,
    wrap: (file) => ({
      record: async (event) => {
        await file.record(event)
        count(recorded, event)
      },
      blob: (mode) => file.blob(mode),
    }),
  })
  const [live, own, foreign, ended] = [await gateway.login(), await gateway.login(), await gateway.login(), await gateway.login()] // prettier-ignore
  const done = await own.query('SELECT 1')
  await ended.logout()
  return {
    gateway,
    live,
    recorded,
    tokens: {
      session: own.token,
      foreign: foreign.token,
      expired: ended.token,
      master: foreign.master,
      upstream: world.upstream.seen.find(({ token }) => token !== undefined)?.token ?? '',
      oidc: await world.mint(),
      statement: textIn(done.data, 'queryId'),
    },
    close: () => gateway.close(),
  }
}
