/** What must hold for any text: an answer or a refusal, soon, and what is taken can be trusted. */

import { FrostgateError } from '../../sidecar/errors.ts'
import { factLines } from '../../sidecar/sql/facts.ts'
import { emit, factsOf, parseStatements, verifyRoundTrip } from '../../sidecar/sql/index.ts'
import type { Parsed } from '../../sidecar/sql/index.ts'

export type Outcome =
  | { readonly result: 'taken' | 'refused' | 'empty'; readonly ms: number }
  | { readonly result: 'fault'; readonly ms: number; readonly fault: string }

/** Milliseconds that a text of 100 KB may take, and a shorter one, too. */
export const slow = 250

export function check(text: string): Outcome {
  const first = attempt(text)
  if (first.result === 'fault' || first.ms <= allowance(text)) return first
  // Another process, or the collector, may have taken the time.
  const again = attempt(text)
  if (again.result === 'fault' || again.ms <= allowance(text)) return again
  return { result: 'fault', ms: again.ms, fault: `took ${Math.round(again.ms)} ms` }
}

function allowance(text: string): number {
  return slow * Math.max(1, text.length / 100_000)
}

function attempt(text: string): Outcome {
  const start = performance.now()
  const timed = (): number => performance.now() - start
  let statements: readonly Parsed[]
  try {
    statements = parseStatements(text)
  } catch (thrown) {
    if (thrown instanceof FrostgateError) {
      // The room's own proof failed: the grammar and the tree disagree.
      return thrown.entry === 'SqlRoundTrip'
        ? { result: 'fault', ms: timed(), fault: 'tokens not accounted for' }
        : { result: 'refused', ms: timed() }
    }
    return { result: 'fault', ms: timed(), fault: String(thrown) }
  }
  const ms = timed()
  if (statements.length === 0) return { result: 'empty', ms }
  const fault = faultOf(statements)
  return fault === undefined ? { result: 'taken', ms } : { result: 'fault', ms, fault }
}

function faultOf(statements: readonly Parsed[]): string | undefined {
  try {
    for (const parsed of statements) {
      freeze(parsed.statement)
      const emitted = emit(parsed)
      const again = verifyRoundTrip(parsed, emitted)
      if (meaning(parsed) !== meaning(again)) return `facts changed: ${emitted}`
      if (emit(again) !== emitted) return `written twice it differs: ${emitted}`
    }
  } catch (thrown) {
    return `round trip: ${String(thrown)}`
  }
  return undefined
}

function meaning({ statement }: Parsed): string {
  return factLines(factsOf(statement))
    .map(({ text }) => text)
    .join('\n')
}

/** Whoever writes to the tree fails. */
function freeze(root: object): void {
  const stack: object[] = [root]
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (Object.isFrozen(value) || ArrayBuffer.isView(value)) continue
    Object.freeze(value)
    for (const inner of Object.values(value)) {
      if (typeof inner === 'object' && inner !== null) stack.push(inner as object)
    }
  }
}
