/** What goes wrong in a script: one class each, of which the table tells, and sometimes another. */

import type { Fault, FaultRule, FaultScript } from '../../../examples/warehouse/warehouse.ts'
import type { Random } from '../../fuzz/random.ts'

export type Action =
  | 'restart' | 'dropStatement' | 'dropHold' | 'dropChunk' | 'diskFull' | 'diskReadOnly'
  | 'clockForward' | 'clockBack' | 'expireTokens' | 'endSessions' // prettier-ignore

export interface FaultClass {
  readonly name: string
  readonly rules: readonly FaultRule[]
  readonly actions: readonly Action[]
}

const hostile = ['command', 'stageInfo', 'presignedUrls', 'absoluteResultUrl', 'numericCode', 'setCookie', 'unknownKeys', 'proto'] as const // prettier-ignore

const struck = (name: string, route: string, fault: Fault, sql?: string): FaultClass => ({
  name: `${name}: ${describe(fault)}`,
  rules: [{ route, ...(sql === undefined ? {} : { sql }), probability: 0.35, times: 3, fault }],
  actions: [],
})

function describe(fault: Fault): string {
  const detail = 'when' in fault ? fault.when : 'how' in fault ? fault.how : 'change' in fault ? fault.change : 'status' in fault ? fault.status : 'fields' in fault ? fault.fields[0] : undefined // prettier-ignore
  return detail === undefined ? fault.kind : `${fault.kind} ${detail}`
}

const anyBody: readonly Fault[] = [
  { kind: 'drop', when: 'before' }, { kind: 'drop', when: 'after' }, { kind: 'dieMidBody' }, { kind: 'truncate' },
  { kind: 'html' }, { kind: 'hang' }, { kind: 'delay', ms: 150, when: 'before' }, { kind: 'delay', ms: 150, when: 'after' },
  { kind: 'drip', bytes: 400, everyMs: 5 }, { kind: 'redirect', location: 'http://127.0.0.1:9/' },
  { kind: 'status', status: 403 }, { kind: 'status', status: 429 }, { kind: 'status', status: 500 }, { kind: 'status', status: 503 },
  { kind: 'wrongGzip', how: 'corrupt' },
] // prettier-ignore

const action = (name: string, ...actions: readonly Action[]): FaultClass => ({
  name,
  rules: [],
  actions,
})

export const faultClasses: readonly FaultClass[] = [
  ...anyBody.map((fault) => struck('statement', 'query', fault, 'soak')),
  ...hostile.map((field) => struck('statement', 'query', { kind: 'hostile', fields: [field] }, 'soak')),
  struck('statement', 'query', { kind: 'reorder', until: { route: 'query' }, atMostMs: 200 }, 'soak'),
  ...anyBody.map((fault) => struck('poll', 'result', fault)),
  ...anyBody.map((fault) => struck('own question', 'query', fault, 'information_schema')),
  ...anyBody.slice(0, 6).map((fault) => struck('login', 'login', fault)),
  ...anyBody.slice(0, 6).map((fault) => ({ ...struck('renewal', 'renew', fault), actions: ['expireTokens'] as const })),
  ...anyBody.map((fault) => struck('chunk', 'chunk', fault)),
  struck('chunk', 'chunk', { kind: 'wrongGzip', how: 'unlabelled' }),
  struck('chunk', 'chunk', { kind: 'wrongGzip', how: 'mislabelled' }),
  ...(['fewer', 'more', 'extraColumn', 'missingColumn'] as const).map((change) => struck('chunk', 'chunk', { kind: 'wrongRows', change })),
  action('gateway restarted', 'restart'),
  action('gateway restarted twice', 'restart', 'restart'),
  action('client drops mid-statement', 'dropStatement', 'dropStatement'),
  action('client drops mid-hold', 'dropHold', 'dropHold'),
  action('client drops mid-chunk', 'dropChunk', 'dropChunk'),
  action('disk full', 'diskFull'),
  action('disk read-only', 'diskReadOnly'),
  action('clock one hour ahead', 'clockForward'),
  action('clock one hour back', 'clockBack'),
  action('tokens expire at Snowflake', 'expireTokens'),
  action('sessions end at Snowflake', 'endSessions'),
] // prettier-ignore

export interface Plan {
  readonly name: string
  readonly script: FaultScript
  readonly actions: readonly Action[]
}

/** Classes in turn, by a stride without a common divisor with their number, so that few scripts meet many. Each second one has another class with it. */
export function planOf(seed: number, index: number, choices: Random): Plan {
  const first =
    faultClasses[(index * 37 + seed) % faultClasses.length] ?? choices.pick(faultClasses)
  const both = choices.chance(0.5) ? [first, choices.pick(faultClasses)] : [first]
  return {
    name: first.name,
    script: { seed: seed * 1_000 + index, rules: both.flatMap(({ rules }) => rules) },
    actions: both.flatMap(({ actions }) => actions),
  }
}
