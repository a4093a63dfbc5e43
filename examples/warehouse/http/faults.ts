import type { HostileField } from './hostile.ts'
import type { RowChange } from './encoders.ts'

/** What the fault hook is told about a request before its route answers. */
export interface FaultPoint {
  /** As in `routes.ts`: login, renew, heartbeat, logout, query, abort, result, monitor, telemetry; or chunk. */
  readonly route: string
  readonly method: string
  readonly path: string
  readonly sqlText?: string
}

/** Which answers a fault looks out for. */
export interface FaultTarget {
  /** `*`: any. */
  readonly route: string
  /** A part of the statement's text, in any case. */
  readonly sql?: string
}

/** How a route may misbehave. All of it is plain JSON. */
export type Fault =
  /** Answers this, without doing anything. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  | { readonly kind: 'html' }
  | { readonly kind: 'hang' }
  /** Cuts the connection without an answer, before or after the request has taken effect. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly ms: number; readonly when?: 'before' | 'after' }
  /** Holds this answer back until another one is out, `atMostMs` at the longest. */
  | { readonly kind: 'reorder'; readonly until: FaultTarget; readonly atMostMs: number }
  /** Sends the head and half of the body, then cuts the connection. */
  | { readonly kind: 'dieMidBody' }
  /** Half of the body as if it were the whole. */
  | { readonly kind: 'truncate' }
  /** A body that is not what its Content-Encoding says. */
  | { readonly kind: 'wrongGzip'; readonly how: 'corrupt' | 'unlabelled' | 'mislabelled' }
  /** A chunk whose rows are not those that were announced. */
  | { readonly kind: 'wrongRows'; readonly change: RowChange }
  /** The body in small pieces, with a pause before each. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** Answers as usual, with these members added to `data` (for example `command: 'UPLOAD'`). */
  | { readonly kind: 'addData'; readonly data: Readonly<Record<string, unknown>> }
  /** Answers as usual, with fields that no client should act on. `url` is where they lead. */
  | { readonly kind: 'hostile'; readonly fields: readonly HostileField[]; readonly url?: string }

/** Called before each answer; undefined lets the route answer as usual. */
export type FaultHook = (point: FaultPoint) => Fault | undefined

/** Whether a request is one of those looked out for. */
export function isTarget({ route, sql }: FaultTarget, point: FaultPoint): boolean {
  if (route !== '*' && route !== point.route) return false
  return sql === undefined || (point.sqlText ?? '').toLowerCase().includes(sql.toLowerCase())
}
