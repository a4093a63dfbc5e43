/**
 * How one authority takes the place of another while everything runs. Pure: states and times are
 * in the material, so whichever replica leads goes on where another stopped.
 *
 * A new authority is only trusted at first. After `graceMs` it issues, and the old one retires;
 * once all leaves of the old one have ended, it is dropped.
 */

import type { Generation, Material } from './material.ts'

const hour = 3_600_000
const day = 24 * hour

export interface RotationTimes {
  readonly authorityMs: number
  readonly leafMs: number
  /** From the moment that clients are told of a new authority until they need to know it. */
  readonly graceMs: number
  /** Beyond the last leaf's end. */
  readonly slackMs: number
}

export const rotationTimes: RotationTimes = {
  authorityMs: 365 * day,
  leafMs: 7 * day,
  // Twice the longest `maxStale`: a sidecar that has heard nothing for so long is closed anyway.
  graceMs: 48 * hour,
  slackMs: hour,
}

export type Step =
  | { readonly kind: 'none' }
  /** A generation is to be made, in this state. */
  | { readonly kind: 'make'; readonly state: 'trusted' | 'issuing' }
  | { readonly kind: 'write'; readonly material: Material }

/** What is due now, one step at a time. */
export function nextStep(material: Material, now: number, times: RotationTimes): Step {
  const { generations } = material
  const issuing = generations.find(({ state }) => state === 'issuing')
  const successor = generations.find(({ state }) => state === 'trusted')
  const expired = issuing === undefined || issuing.validUntil <= now
  if (successor !== undefined && (expired || now >= successor.since + times.graceMs)) {
    return write(material, promote(generations, successor, now))
  }
  const kept = generations.filter((each) => !isOver(each, now, times))
  if (kept.length < generations.length) return write(material, kept)
  if (successor !== undefined) return { kind: 'none' }
  // The operator was away for so long that nobody trusts what it has: there is nothing to wait for.
  if (expired) return { kind: 'make', state: 'issuing' }
  return pastTwoThirds(issuing, now) ? { kind: 'make', state: 'trusted' } : { kind: 'none' }
}

/** Whether something valid from one moment until another is due for renewal: at 2/3 of its life. */
export function pastTwoThirds(
  validity: { readonly validFrom: number; readonly validUntil: number },
  now: number,
): boolean {
  const { validFrom, validUntil } = validity
  return now >= validFrom + ((validUntil - validFrom) * 2) / 3
}

/** With a generation that was just made. */
export function withGeneration(material: Material, made: Generation, now: number): Material {
  if (made.state === 'trusted') {
    return { ...material, generations: [...material.generations, made] }
  }
  return { ...material, generations: promote([...material.generations, made], made, now) }
}

function promote(
  generations: readonly Generation[],
  successor: Generation,
  now: number,
): readonly Generation[] {
  return generations.map((each) => {
    if (each.id === successor.id) return { ...each, state: 'issuing', since: now }
    return each.state === 'issuing' ? { ...each, state: 'retiring', since: now } : each
  })
}

function isOver({ state, since, validUntil }: Generation, now: number, times: RotationTimes) {
  if (state !== 'retiring') return false
  return validUntil <= now || now >= since + times.leafMs + times.slackMs
}

function write(material: Material, generations: readonly Generation[]): Step {
  return { kind: 'write', material: { ...material, generations } }
}
