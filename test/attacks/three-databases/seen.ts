/** What the agent sees of one statement, without what differs from one run to the next. */

import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import type { ErrorName } from '../../../sidecar/errors.ts'
import type { ListedOutcome } from '../lists/types.ts'
import type { DriverSession, Seen, Sent } from './driver.ts'
import type { Side } from './world.ts'

export interface Outcome {
  readonly driver: Seen
  /** What the gateway answered, word for word, but for ids and times. */
  readonly wire: readonly string[]
  /** What ran, or would have run; null if the gateway refused. */
  readonly emitted: string | null
  readonly maskedColumns: readonly string[]
  readonly kind: string | null
  /** The recording of it, as text. */
  readonly recorded: string
  readonly ended: ListedOutcome | 'failed'
}

/** Sends a statement to one side and takes in everything that can be seen of it. */
export async function outcomeOn(side: Side, session: DriverSession, sent: Sent): Promise<Outcome> {
  side.tap.take()
  side.events()
  const driver = await session.send(sent)
  const events = side.events()
  const decided = events.findLast((event) => event.type === 'statement.decided')
  const { maskedColumns, emitted } = decided ?? { maskedColumns: [], emitted: null }
  return {
    driver: normalised(driver),
    wire: side.tap.take().map(withoutIds),
    emitted: emitted === null ? null : withoutIds(emitted),
    maskedColumns,
    kind: decided?.kind ?? null,
    recorded: JSON.stringify(events),
    ended: endOf(driver, events, maskedColumns),
  }
}

function endOf(
  { error }: Seen,
  events: readonly RecordedEvent[],
  maskedColumns: readonly string[],
): Outcome['ended'] {
  if (error === null) return maskedColumns.length > 0 ? 'mask' : 'allow'
  // The last one: what is refused after it ran was decided first.
  const recorded = events.findLast((event) => 'error' in event && event.error !== null)
  const entry = /\[Frostgate (\w+)\]/.exec(error.message)?.[1] ?? nameIn(recorded)
  return entry === undefined ? 'failed' : `deny:${entry as ErrorName}`
}

function nameIn(event: RecordedEvent | undefined): string | undefined {
  return event !== undefined && 'error' in event ? event.error?.name : undefined
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
/** Since the epoch: seconds with a fraction, or milliseconds. */
const instant = /\b1\d{9}(?:\.\d+|\d{3})\b/g
/** As drivers print one. */
const printed = /\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+(?: ?[+-]\d\d:?\d\d|Z)?/g
const day = 24 * 3600 * 1000

/** Times of the run itself, and ids: they differ each time. Those in the data stay. */
export function withoutIds(text: string): string {
  const isNow = (ms: number) => Math.abs(ms - Date.now()) < day
  return text
    .replace(uuid, '‹id›')
    .replace(instant, (found) =>
      isNow(found.includes('.') ? Number(found) * 1000 : Number(found)) ? '0' : found,
    )
    .replace(printed, (found) =>
      isNow(Date.parse(found.replace(' ', 'T').replace(' ', ''))) ? '‹time›' : found,
    )
}

function normalised(seen: Seen): Seen {
  return JSON.parse(withoutIds(JSON.stringify(seen))) as Seen
}
