/** What the routes of the page share. */

import type { Context } from 'hono'
import type { Logger } from 'pino'

import type { ApprovalDesk, ApprovalStore } from '../approvals/types.ts'
import type { EventStreams } from './events.ts'
import type { PageKeys } from './keys.ts'
import type { PageLimits } from './limits.ts'
import type { Provider } from './provider.ts'
import type { Sessions } from './session.ts'
import type { PageSettings } from './settings.ts'

/** Calls of other rooms below one path; whoever answers proves callers by itself. */
export interface OtherCalls {
  /** Undefined for what is none of its paths. */
  handle(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | undefined>>,
    rawBody: Uint8Array,
  ): Promise<
    | {
        readonly status: number
        readonly headers: Readonly<Record<string, string>>
        readonly body: string
      }
    | undefined
  >
}

export interface PageContext {
  readonly desk: Pick<ApprovalDesk, 'decide' | 'mayDecide'>
  readonly store: Pick<ApprovalStore, 'requests' | 'request' | 'onChange' | 'synced'>
  readonly settings: PageSettings
  readonly limits: PageLimits
  readonly keys: PageKeys
  readonly sessions: Sessions
  readonly provider: Provider
  readonly streams: EventStreams
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  readonly now: () => number
  /** Below /slack/. */
  readonly slack?: OtherCalls | undefined
  /** Of whoever opened the connection. */
  readonly addressOf: (c: Context) => string
}
