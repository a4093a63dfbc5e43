/** What the probes answer, from what is known. Pure. */

import { reasonOf, type ControlState, type StateName } from '../control/state.ts'

export interface HealthFacts {
  /** A sidecar without an operator is in force from its start. */
  readonly state: ControlState
  /** Whether clients can connect. */
  readonly listening: boolean
  /** One login to Snowflake has succeeded since the start, or why not yet. */
  readonly login: 'proven' | { readonly reason: string }
}

export interface Missing {
  readonly what: string
  readonly why: string
  readonly next: string
}

export interface Report {
  readonly ok: boolean
  readonly state: StateName
  /** In the order in which they come about. */
  readonly missing: readonly Missing[]
}

const platformTeam = 'Tell the platform team, who run the operator.'

/** What each state lacks; null is nothing. */
const lacks: Readonly<Record<StateName, Omit<Missing, 'why'> | null>> = {
  Enrolling: {
    what: "the operator's enrolment of this pod",
    next: 'See that the operator runs and that network policies let this pod reach it; it is asked again by itself.',
  },
  Waiting: {
    what: 'a bundle from the operator',
    next: 'See the status of the SnowflakeConnection; the bundle is fetched by itself.',
  },
  InForce: null,
  Closed: {
    what: 'an open connection',
    next: 'Mend what the reason names; the connection opens again by itself.',
  },
  Stale: {
    what: 'word from the operator',
    next: 'See that the operator runs and can be reached; the connection opens again by itself.',
  },
  Revoked: {
    what: 'the right to go on',
    next: `Delete the pod, so that a new one asks for it. ${platformTeam}`,
  },
  Draining: { what: 'a gateway that goes on', next: 'Nothing: this pod is ending.' },
}

/** Whether the containers after this one may start: there is policy, and Snowflake lets it in. */
export function startup(facts: HealthFacts): Report {
  const { state, listening, login } = facts
  const control = missingIn(state)
  if (control.length > 0) return report(state, control)
  if (!listening) {
    const why = 'the gateway is being started'
    return report(state, [{ what: 'an open port', why, next: 'Nothing: wait.' }])
  }
  if (login === 'proven') return report(state, [])
  const next = `This is the gateway's own credential. ${platformTeam}`
  return report(state, [{ what: 'a login to Snowflake', why: login.reason, next }])
}

/** Whether statements go through now. */
export function ready({ state, listening }: HealthFacts): Report {
  if (listening || state.name !== 'InForce') return report(state, missingIn(state))
  const why = 'the gateway does not listen'
  return report(state, [{ what: 'an open port', why, next: 'Nothing: wait.' }])
}

/** It answers, so it lives: what is missing outside is not mended by a restart. */
export function live({ state }: HealthFacts): Report {
  return report(state, [])
}

function missingIn(state: ControlState): readonly Missing[] {
  const lack = lacks[state.name]
  return lack === null ? [] : [{ ...lack, why: reasonOf(state) }]
}

function report({ name }: ControlState, missing: readonly Missing[]): Report {
  return { ok: missing.length === 0, state: name, missing }
}
