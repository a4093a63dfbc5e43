/**
 * From a decision in the store to the statement at Snowflake, and to the client's rows: with an
 * operator, with approvals of the gateway's own process, and the same statement that nobody holds.
 */

import { Line, order, ssn } from '../../operator/approvals/whole-line.ts'
import { holding, patients, anything, settled } from '../../sidecar/gateway/holds-support.ts'
import type { ClientSession } from '../../support/client.ts'
import { desk } from '../../support/desk.ts'
import { eventually } from '../../support/gateway.ts'

export interface Latency {
  /** Milliseconds, of each statement. */
  readonly upstream: number[]
  readonly rows: number[]
}

export interface Latencies {
  /** Decided one after the other; the operator of this process, its broker over TLS. */
  readonly operator: Latency
  /** As many as may wait, all decided at the same moment. */
  readonly together: Latency
  /** The same, with the approvals of the gateway's own process. */
  readonly inProcess: Latency
  /** From asking to both, where no rule holds it. */
  readonly unheld: Latency
  /** To the catalogue, for each of those decided together, from the decision on. */
  catalogueQueries: number
}

/** As many of one principal may wait at a time. */
const atOnce = 16
const warmUp = 20
const none = (): Latency => ({ upstream: [], rows: [] })

export async function measureLatency(count: number): Promise<Latencies> {
  const line = await Line.start()
  const { operator } = await line.replica()
  await line.pod(operator)
  const sidecar = await line.sidecar()
  const people = desk()
  const gateway = await line.world.gateway({
    bundle: holding(line.world, [anything, patients]),
    approvals: people.approvals,
  })
  const [held, own] = [await sidecar.login(), await gateway.login()]
  const found = {
    ...{ operator: none(), together: none(), inProcess: none(), unheld: none() },
    catalogueQueries: 0,
  }
  let queries = 0
  for (let number = 0; number < count + warmUp; number += 1) {
    const into = (latency: Latency): Latency => (number < warmUp ? none() : latency)
    await timed(line, held, ssn(number), into(found.operator), async (sql) => {
      const request = await pending(line, sql)
      return () => {
        line.decide(request)
      }
    })
    await timed(line, own, ssn(number), into(found.inProcess), async () => {
      const question = await people.question(number)
      return question.approve
    })
    await timed(line, held, order(number), into(found.unheld), () =>
      Promise.resolve(() => undefined),
    )
  }
  for (let from = 10_000; found.together.rows.length < count; from += atOnce) {
    const all = Array.from({ length: atOnce }, (_, index) => ssn(from + index))
    const ready = Promise.withResolvers<undefined>()
    let waiting = 0
    await Promise.all(
      all.map((sql) =>
        timed(line, held, sql, found.together, async () => {
          const request = await pending(line, sql)
          if ((waiting += 1) === all.length) {
            line.world.upstream.seen.length = 0
            ready.resolve(undefined)
          }
          await ready.promise
          return () => {
            line.decide(request)
          }
        }),
      ),
    )
    queries += line.world.upstream.seen.filter(({ sql }) => sql.includes('INFORMATION_')).length
  }
  found.catalogueQueries = queries / found.together.rows.length
  await line.close()
  return found
}

/** Told of, and waited for by its sidecar. */
async function pending(line: Line, sql: string) {
  const request = await line.request(sql)
  await eventually(() => line.phaseOf(request.metadata.name) === 'Pending')
  return request
}

/** @param ready resolves to what sets it going */
async function timed(
  line: Line,
  session: ClientSession,
  sql: string,
  into: Latency,
  ready: (sql: string) => Promise<() => void>,
): Promise<void> {
  const arrived = Promise.withResolvers<number>()
  const where = sql.slice(sql.indexOf('WHERE'))
  const { upstream } = line.world
  const isIt = (text: string): boolean => text.endsWith(where) && !text.includes('INFORMATION_')
  waiting.set(isIt, arrived.resolve)
  upstream.script ??= (request) => {
    for (const [fits, tell] of waiting) if (fits(request.sql)) tell(performance.now())
    return undefined
  }
  const isHeld = sql.includes('patients')
  let since = performance.now()
  const asked = session.query(sql).then((first) => settled(session, first))
  const go = await ready(sql)
  if (isHeld) since = performance.now()
  go()
  const at = await arrived.promise
  const answer = await asked
  waiting.delete(isIt)
  if (!answer.success) throw new Error(answer.message)
  into.upstream.push(at - since)
  into.rows.push(performance.now() - since)
}

const waiting = new Map<(text: string) => boolean, (at: number) => void>()
