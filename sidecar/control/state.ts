/**
 * Where a sidecar stands with its operator, as a table: in each state, what each event makes of it.
 * Pure; `link.ts` feeds it, and does to the gateway what each state asks.
 *
 * | state | served |
 * |---|---|
 * | Enrolling | nothing: the operator has not let this pod in yet |
 * | Waiting | nothing: let in, no bundle in force yet |
 * | InForce | everything that the bundle allows |
 * | Closed | nothing: the operator closed the connection, or refuses this pod |
 * | Stale | nothing: what was in force has been without the operator's word for longer than the connection allows |
 * | Revoked | nothing, and sessions at Snowflake were ended |
 * | Draining | statements under way, to their end; there is no way back |
 */

export type ControlState =
  | { readonly name: 'Enrolling'; readonly reason: string }
  | { readonly name: 'Waiting'; readonly reason: string }
  | { readonly name: 'InForce'; readonly digest: string }
  | { readonly name: 'Closed'; readonly reason: string }
  | { readonly name: 'Stale'; readonly digest: string; readonly reason: string }
  | { readonly name: 'Revoked'; readonly reason: string }
  | { readonly name: 'Draining'; readonly reason: string }

export type StateName = ControlState['name']

export type ControlEvent =
  /** Nothing has changed, but why there is nothing yet is known better. */
  | { readonly name: 'delayed'; readonly reason: string }
  | { readonly name: 'enrolled' }
  /** The operator refuses this pod, and nothing says that it will not do so again. */
  | { readonly name: 'refused'; readonly reason: string }
  /** The gateway runs by this bundle from now on. */
  | { readonly name: 'applied'; readonly digest: string }
  /** The gateway could not take a bundle: the one before it stays where it serves, until it has aged. */
  | { readonly name: 'rejected'; readonly reason: string }
  | { readonly name: 'closed'; readonly reason: string }
  /** `maxStale` has passed since what is in force was last what the operator wants. */
  | { readonly name: 'aged'; readonly reason: string }
  | { readonly name: 'revoked'; readonly reason: string }
  | { readonly name: 'drained'; readonly reason: string }

export type EventName = ControlEvent['name']

type Of<T extends { readonly name: string }, N extends string> = Extract<T, { readonly name: N }>

/** What is not named leaves the state as it is. */
export type Table = {
  readonly [S in StateName]: {
    readonly [E in EventName]?: (event: Of<ControlEvent, E>, state: Of<ControlState, S>) => ControlState
  }
} // prettier-ignore

const closed = ({ reason }: { readonly reason: string }): ControlState => ({
  name: 'Closed',
  reason,
})
const revoked = ({ reason }: { readonly reason: string }): ControlState => ({
  name: 'Revoked',
  reason,
})
const draining = ({ reason }: { readonly reason: string }): ControlState => ({
  name: 'Draining',
  reason,
})
const inForce = ({ digest }: { readonly digest: string }): ControlState => ({
  name: 'InForce',
  digest,
})
const enrolling = ({ reason }: { readonly reason: string }): ControlState => ({
  name: 'Enrolling',
  reason,
})
const waiting = ({ reason }: { readonly reason: string }): ControlState => ({
  name: 'Waiting',
  reason,
})
const waitingForBundle = (): ControlState =>
  waiting({ reason: 'the operator has not sent a bundle yet' })

export const transitions: Table = {
  Enrolling: {
    delayed: enrolling,
    refused: enrolling,
    enrolled: waitingForBundle,
    revoked,
    drained: draining,
  },
  Waiting: {
    delayed: waiting,
    refused: enrolling,
    applied: inForce,
    rejected: waiting,
    closed,
    revoked,
    drained: draining,
  },
  InForce: {
    applied: inForce,
    refused: closed,
    closed,
    aged: ({ reason }, { digest }) => ({ name: 'Stale', digest, reason }),
    revoked,
    drained: draining,
  },
  Closed: {
    // A bundle that is rejected here opens nothing: the one before it was taken back.
    applied: inForce,
    refused: closed,
    rejected: closed,
    closed,
    revoked,
    drained: draining,
  },
  Stale: {
    // Only a word from the operator leads back: the bundle is applied again, the same or a new one.
    // One that is rejected opens nothing: what was in force is not what the operator wants.
    applied: inForce,
    rejected: ({ reason }, { digest }) => ({ name: 'Stale', digest, reason }),
    refused: closed,
    closed,
    revoked,
    drained: draining,
  },
  Revoked: {
    // The operator is the judge: whom it lets in again is in again.
    enrolled: waitingForBundle,
    delayed: revoked,
    refused: revoked,
    revoked,
    drained: draining,
  },
  Draining: {},
}

/** The state before anything has happened. */
export const initialState: ControlState = {
  name: 'Enrolling',
  reason: 'the operator has not been asked yet',
}

export function nextState(state: ControlState, event: ControlEvent): ControlState {
  const row = transitions[state.name] as Readonly<
    Partial<Record<EventName, (event: ControlEvent, state: ControlState) => ControlState>>
  >
  return row[event.name]?.(event, state) ?? state
}

/** Whether logins and statements go through. */
export function serves(state: ControlState): boolean {
  return state.name === 'InForce'
}

/** Why nothing is served; empty where something is. */
export function reasonOf(state: ControlState): string {
  return 'reason' in state ? state.reason : ''
}
