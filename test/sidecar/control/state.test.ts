import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  initialState,
  nextState,
  reasonOf,
  serves,
  transitions,
  type ControlEvent,
  type ControlState,
} from '../../../sidecar/control/state.ts'

const reason = fc.string({ minLength: 1, maxLength: 8 })
const digest = fc.constantFrom('sha256:1', 'sha256:2', 'sha256:3')
const event: fc.Arbitrary<ControlEvent> = fc.oneof(
  fc.record({
    name: fc.constantFrom('delayed', 'refused', 'rejected', 'closed', 'aged', 'revoked', 'drained'),
    reason,
  }),
  fc.record({ name: fc.constant('enrolled' as const) }),
  fc.record({ name: fc.constant('applied' as const), digest }),
)
const events = fc.array(event, { maxLength: 40 })

/** Each state gone through, with the event that led to it. */
function walk(given: readonly ControlEvent[]): { event: ControlEvent; state: ControlState }[] {
  let state = initialState
  return given.map((each) => ({ event: each, state: (state = nextState(state, each)) }))
}

describe('The states of a sidecar', () => {
  test('nothing is served unless a bundle was applied after the last closing', () => {
    fc.assert(
      fc.property(events, (given) => {
        let open = false
        for (const { event: each, state } of walk(given)) {
          if (each.name === 'applied') open = true
          if (['closed', 'revoked', 'aged', 'refused'].includes(each.name)) open = false
          if (serves(state)) expect(open).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('what is in force is what was applied last', () => {
    fc.assert(
      fc.property(events, (given) => {
        const walked = walk(given)
        walked.forEach(({ state }, index) => {
          if (state.name !== 'InForce') return
          const last = walked.slice(0, index + 1).findLast((step) => step.event.name === 'applied')
          expect(last?.event).toMatchObject({ digest: state.digest })
        })
      }),
    )
  })

  test('a revoked sidecar is let in by an enrolment alone', () => {
    fc.assert(
      fc.property(events, (given) => {
        let before: ControlState = initialState
        for (const { event: each, state } of walk(given)) {
          if (before.name === 'Revoked' && state.name !== 'Revoked') {
            expect(['enrolled', 'drained']).toContain(each.name)
          }
          before = state
        }
      }),
    )
  })

  test('whoever drains does nothing else any more', () => {
    fc.assert(
      fc.property(events, events, (first, rest) => {
        const drained = nextState(walk(first).at(-1)?.state ?? initialState, {
          name: 'drained',
          reason: 'SIGTERM',
        })
        expect(rest.reduce(nextState, drained)).toBe(drained)
        expect(drained.name).toBe('Draining')
      }),
    )
  })

  test('a closed sidecar opens with the next bundle, and so does a stale one', () => {
    for (const name of ['closed', 'aged'] as const) {
      const given: ControlEvent[] = [
        { name: 'enrolled' },
        { name: 'applied', digest: 'sha256:1' },
        { name, reason: 'why' },
        { name: 'rejected', reason: 'no good' },
        { name: 'applied', digest: 'sha256:1' },
      ]
      expect(walk(given).map(({ state }) => serves(state))).toEqual([
        false, true, false, false, true,
      ]) // prettier-ignore
    }
  })

  test('whatever is not served has a reason', () => {
    fc.assert(
      fc.property(events, (given) => {
        for (const { state } of walk(given)) {
          if (!serves(state)) expect(reasonOf(state)).not.toBe('')
        }
      }),
    )
  })

  test('every state is a row of the table, and is reached', () => {
    const seen = new Set<string>([initialState.name])
    fc.assert(
      fc.property(events, (given) => {
        for (const { state } of walk(given)) seen.add(state.name)
      }),
      { numRuns: 500 },
    )
    expect([...seen].sort()).toEqual(Object.keys(transitions).sort())
  })
})
