import { Ajv } from 'ajv'
import type { Fault, FaultHook, FaultTarget } from './faults.ts'
import { isTarget } from './faults.ts'
import { hostileFields } from './hostile.ts'

/**
 * One line of a fault script. Of the requests that fit `route` and `sql` it strikes the `nth` (from
 * 1; one number or several), or each with a `probability`; with neither, all. `times` is a limit.
 */
export interface FaultRule extends FaultTarget {
  readonly nth?: number | readonly number[]
  readonly probability?: number
  readonly times?: number
  readonly fault: Fault
}

/** How a server shall misbehave, as data: the same seed and the same requests give the same faults. */
export interface FaultScript {
  /** Default 1. */
  readonly seed?: number
  /** The first rule that strikes decides. */
  readonly rules: readonly FaultRule[]
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Whether a rule strikes, request after request; each rule has its own dice and its own count. */
function striker(rule: FaultRule, seed: number): FaultHook {
  const roll = generator(seed)
  const nth = rule.nth === undefined ? undefined : new Set([rule.nth].flat())
  let seen = 0
  let struck = 0
  return (point) => {
    if (!isTarget(rule, point)) return undefined
    seen += 1
    const chosen = nth?.has(seen) ?? (rule.probability === undefined || roll() < rule.probability)
    if (!chosen || struck >= (rule.times ?? Infinity)) return undefined
    struck += 1
    return rule.fault
  }
}

/** A hook that plays a script. Counts begin anew with each hook. */
export function playScript({ rules, seed = 1 }: FaultScript): FaultHook {
  const strikers = rules.map((rule, index) => striker(rule, seed * 1009 + index))
  return (point) => {
    // Every rule sees every request, so that one rule's fault does not move another's count.
    const struck = strikers.map((strike) => strike(point))
    return struck.find((fault) => fault !== undefined)
  }
}

const count = { type: 'integer', minimum: 1 }
const text = { type: 'string' }
const ms = { type: 'number', minimum: 0 }
const oneOf = (...values: readonly string[]) => ({ enum: values })

const fault = (
  kind: Fault['kind'],
  properties: Readonly<Record<string, object>> = {},
  required: readonly string[] = Object.keys(properties),
) => ({
  type: 'object',
  properties: { kind: { const: kind }, ...properties },
  required: ['kind', ...required],
  additionalProperties: false,
})

const target = { route: text, sql: text }

const faultSchemas = [
  fault(
    'status',
    {
      status: { type: 'integer', minimum: 200, maximum: 599 },
      body: text,
      headers: { type: 'object', additionalProperties: text },
    },
    ['status'],
  ),
  fault('redirect', { location: text, status: { enum: [301, 302, 303, 307, 308] } }, ['location']),
  fault('html'),
  fault('hang'),
  fault('drop', { when: oneOf('before', 'after') }),
  fault('delay', { ms, when: oneOf('before', 'after') }, ['ms']),
  fault('reorder', {
    until: { type: 'object', properties: target, required: ['route'], additionalProperties: false },
    atMostMs: ms,
  }),
  fault('dieMidBody'),
  fault('truncate'),
  fault('wrongGzip', { how: oneOf('corrupt', 'unlabelled', 'mislabelled') }),
  fault('wrongRows', { change: oneOf('fewer', 'more', 'extraColumn', 'missingColumn') }),
  fault('drip', { bytes: count, everyMs: ms }),
  fault('addData', { data: { type: 'object' } }),
  fault('hostile', { fields: { type: 'array', items: oneOf(...hostileFields) }, url: text }, [
    'fields',
  ]),
]

const rule = {
  type: 'object',
  properties: {
    ...target,
    nth: { anyOf: [count, { type: 'array', items: count }] },
    probability: { type: 'number', minimum: 0, maximum: 1 },
    times: count,
    fault: {
      type: 'object',
      required: ['kind'],
      discriminator: { propertyName: 'kind' },
      oneOf: faultSchemas,
    },
  },
  required: ['route', 'fault'],
  additionalProperties: false,
}

const validate = new Ajv({ allErrors: false, discriminator: true }).compile<FaultScript>({
  type: 'object',
  properties: { seed: { type: 'integer' }, rules: { type: 'array', items: rule } },
  required: ['rules'],
  additionalProperties: false,
})

/** Reads a script from JSON text. @throws Error that says which part of it is wrong */
export function parseFaultScript(json: string): FaultScript {
  const script: unknown = JSON.parse(json)
  if (validate(script)) return script
  const [problem] = validate.errors ?? []
  throw new Error(`fault script${problem?.instancePath ?? ''}: ${problem?.message ?? 'wrong'}`)
}
