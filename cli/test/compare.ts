/** What becomes different for one statement when policies change: any two judgements of it. Pure. */

import type { JudgedMask, Judgement } from '../../sidecar/statement/judgement.ts'

export interface Change {
  readonly what: 'verdict' | 'error' | 'rule' | 'approval' | 'masked' | 'mask' | 'columns'
  readonly before: string
  readonly after: string
}

/** Empty where the outcome is the same; only what an agent or a steward would notice counts. */
export function compareJudgements(before: Judgement, after: Judgement): readonly Change[] {
  return aspects.flatMap(([what, tell]) => {
    const [old, now] = [tell(before), tell(after)]
    return old === now ? [] : [{ what, before: old, after: now }]
  })
}

type Tell = (judgement: Judgement) => string

const aspects: readonly (readonly [Change['what'], Tell])[] = [
  ['verdict', ({ verdict }) => verdict],
  ['error', ({ error }) => error?.name ?? 'none'],
  ['rule', ({ rules }) => list(rules.map(({ policy, rule }) => `${policy}/${rule}`))],
  ['approval', ({ approval }) => approversOf(approval)],
  // Of a statement that does not run, nothing is masked.
  ['masked', (judgement) => list(masksOf(judgement).map(({ column }) => column))],
  ['mask', (judgement) => list(masksOf(judgement).map(methodOf))],
  [
    'columns',
    ({ outputs }) => (outputs === null ? 'none' : list(outputs.map(({ name }) => name ?? '?'))),
  ],
]

function approversOf(approval: Judgement['approval']): string {
  if (approval === null) return 'none'
  const { count, approvers, expiresAfter } = approval
  return `${count} of ${list(approvers)} within ${expiresAfter} s`
}

function masksOf({ masks, emitted }: Judgement): readonly JudgedMask[] {
  return emitted === null ? [] : masks
}

function methodOf({ column, method, usage }: JudgedMask): string {
  const { kind, ...parameters } = method
  const written = Object.values(parameters).map((value: unknown) => JSON.stringify(value))
  return `${column} ${[kind, ...written, usage].join(' ')}`
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'none' : [...new Set(items)].toSorted().join(', ')
}
