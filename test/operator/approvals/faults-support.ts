/** For tests of what goes wrong around a held statement. */

import type { HistoryEntry } from '../../support/fake-api-server/objects.ts'
import { plurals, type Line, type Replica } from './whole-line.ts'

/** A request as it is stored in that phase. */
export const phaseIn =
  (phase: string) =>
  ({ plural, object }: HistoryEntry): boolean =>
    plural === plurals.requests &&
    (object['status'] as { phase?: string } | undefined)?.phase === phase

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))

interface Place {
  readonly line: Line
  readonly replica: Replica
  readonly sql: string
}

/** Who waits in vain says what for. */
export async function inTime<T>(answer: Promise<T>, { line, replica, sql }: Place): Promise<T> {
  const late = pause(9_000).then(async () => {
    const { status } = await line.request(sql)
    const leases = line.server.objects.all('leases').map(({ spec }) => spec)
    const { openWatches } = line.server
    const logged = replica.operator.logged.slice(-5)
    const told = { status, leases, openWatches, logged, now: new Date() }
    throw new Error(`${sql} still waits: ${JSON.stringify(told, undefined, 1)}`)
  })
  late.catch(() => undefined)
  return await Promise.race([answer, late])
}
