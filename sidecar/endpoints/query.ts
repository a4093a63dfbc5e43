/** A statement comes in: the same request again is the same statement. */

import { createHash, randomUUID } from 'node:crypto'

import { errorCatalogue, FrostgateError, toFrostgateError } from '../errors.ts'
import { runStatement } from '../gateway.ts'
import type { JsonObject } from '../json.ts'
import { type LedgerEntry, type NewEntry, type StatementRun } from '../session/ledger.ts'
import { elsewhere } from '../session/owners.ts'
import type { GatewaySession } from '../session/session.ts'
import { mannerOf, statementRequest, type StatementRequest } from '../statement/request.ts'
import { partsOfRequest, type Part } from '../statement/several.ts'
import { failure, type Envelope } from '../wire/envelope.ts'
import type { WireRequest } from '../wire/server.ts'
import { cancellingHere } from './cancelling.ts'
import type { EndpointDependencies } from './dependencies.ts'
import { runHere, type Begun } from './here.ts'
import { outcomeOf, stillRunning } from './outcome.ts'
import { sessionOf } from './session.ts'
import { reasonHere, settingHere } from './setting.ts'
import { severalHere } from './several.ts'

export async function query(
  incoming: WireRequest,
  gateway: EndpointDependencies,
): Promise<Envelope> {
  const { query: parameters, body } = incoming
  const session = sessionOf(incoming, gateway.sessions)
  session.released.lookElsewhere(
    elsewhere(session, () => ({
      sessions: gateway.sessions.all(),
      bundle: gateway.governor.governance.bundle,
    })),
  )
  const requestId = requestIdOf(parameters)
  if (isResubmission(body, requestId)) {
    const earlier = session.ledger.byRequest(requestId)
    return await answerTo(earlier, requestId, gateway)
  }
  const request = statementRequest(body)
  const { asynchronous, wanted = session.ledger.statementsWanted } = mannerOf(body)
  // Of the same request again the first one's is kept.
  const again = session.ledger.byRequest(requestId) !== undefined
  const giveBack = again ? undefined : incoming.keepBody(session.usage)
  const entry = begin(session, request, { requestId, asynchronous }, gateway, (begun) =>
    runRequest(session, begun, wanted, gateway).finally(giveBack),
  )
  if (requestId !== parameters.get('requestId')) gateway.sessions.countAsTold(session, requestId)
  return await answerTo(entry, entry.statement, gateway)
}

/**
 * Python 5 may send none; the statement then has one of its own, unless it names the HTTP request,
 * which retries of it keep.
 */
function requestIdOf(parameters: URLSearchParams): string {
  const [given, guid] = ['requestId', 'request_guid'].map((name) => parameters.get(name) ?? '')
  const plain = /^[\w-]{1,64}$/
  if (given !== undefined && plain.test(given)) return given
  // Any other text is as much a key: sent twice it must not run twice.
  if (given !== undefined && given !== '')
    return `sha256:${createHash('sha256').update(given).digest('hex')}`
  return guid !== undefined && plain.test(guid) ? `guid:${guid}` : randomUUID()
}

/**
 * Node's driver asks for an earlier request again under a text of its own, which Snowflake never
 * runs: snowflake-sdk, `connection/statement.js`, `resubmitRequest`.
 */
function isResubmission({ sqlText }: JsonObject, requestId: string): boolean {
  return (
    sqlText ===
    `SELECT 'Error retrieving query results for request id: ${requestId}, please use RESULT_SCAN instead' AS ErrorMessage;`
  )
}

/** An asynchronous one is answered at once, also when the request comes again. */
async function answerTo(
  entry: LedgerEntry | undefined,
  id: string,
  gateway: EndpointDependencies,
): Promise<Envelope> {
  return entry?.asynchronous === true ? stillRunning(entry) : await outcomeOf(entry, id, gateway)
}

function begin(
  session: GatewaySession,
  request: StatementRequest,
  given: Pick<NewEntry, 'requestId' | 'asynchronous' | 'parent'>,
  { underWay, governor, onIncident }: EndpointDependencies,
  run: (begun: Begun) => Promise<StatementRun>,
): LedgerEntry {
  const { digest } = request
  const fresh = { ...given, digest, statement: randomUUID() }
  return session.ledger.begin(fresh, (entry) =>
    underWay.track(
      governor.under((governance) => {
        entry.bundle = governance.bundle.digest
        return run({ request, entry, governance }).catch((thrown: unknown) => {
          // A fault of this program is an outcome, too: nobody else may be waiting for it.
          const incident = randomUUID()
          onIncident(incident, thrown)
          const envelope = failure(toFrostgateError(thrown, incident), entry.statement)
          return { envelope, size: 2_000 }
        })
      }),
    ),
  )
}

/** As one statement, as several, or as one that is for the gateway itself. */
async function runRequest(
  session: GatewaySession,
  begun: Begun,
  wanted: number,
  gateway: EndpointDependencies,
): Promise<StatementRun> {
  const { request, entry } = begun
  const open = gateway.governor.closed === undefined && session.endedBecause === undefined
  const own = open
    ? (settingHere(session, begun) ?? cancellingHere(session, begun, gateway))
    : undefined
  if (own !== undefined) return await runHere(session, begun, own, gateway)
  const parts = open ? readParts(request, wanted) : undefined
  if (parts === undefined) return await runInSession(session, begun, gateway)
  const several = severalHere(begun, parts, (part) => {
    const given = { requestId: randomUUID(), parent: entry.statement }
    return begin(session, part, given, gateway, async (one) => {
      const here = reasonHere(session, one)
      return here === undefined
        ? await runInSession(session, one, gateway)
        : await runHere(session, one, here, gateway)
    })
  })
  return await runHere(session, begun, several, gateway)
}

/** Undefined where it is one statement; what cannot be read is told when it is recorded. */
function readParts(request: StatementRequest, wanted: number): (() => readonly Part[]) | undefined {
  try {
    const parts = partsOfRequest(request, wanted)
    return parts === undefined ? undefined : () => parts
  } catch (error) {
    if (!(error instanceof FrostgateError)) throw error
    return () => {
      throw error
    }
  }
}

/** Runs it, and lets nothing of it outlive its session. */
async function runInSession(
  session: GatewaySession,
  { request, entry, governance }: Begun,
  gateway: EndpointDependencies,
): Promise<StatementRun> {
  const { governor } = gateway
  const inForce = { bundle: governance.bundle, closed: governor.closed }
  const run = await runStatement(session, request, entry, { ...gateway, ...inForce })
  entry.upstreamRequestId = undefined
  governor.settle(session, governance)
  // Snowflake ended its session: ours has nothing behind it any more.
  if (run.envelope.code === errorCatalogue.SessionGone.code) await gateway.sessions.lost(session)
  // It was closed while the statement ran: the chunks were published after.
  if (!gateway.sessions.has(session)) gateway.chunks.forget(session.id)
  return run
}
