/** Results of tests and of a comparison, for people. */

import type { Judgement } from '../../sidecar/statement/judgement.ts'
import type { Marks } from '../../sidecar/recording/render.ts'
import { verdictWords } from '../explain/render.ts'
import { visible, wrapText } from '../explain/wrap.ts'
import { counted } from '../output.ts'
import type { Change } from './compare.ts'
import type { CaseResult } from './result.ts'

/** A table by suite, what differs below each failure, and a summary. */
export function* renderResults(results: readonly CaseResult[], marks: Marks): Generator<string> {
  const widest = Math.max(0, ...results.map(({ name }) => visible(name).length))
  for (const [suite, cases] of Map.groupBy(results, (each) => each.suite)) {
    yield marks.strong(visible(suite)) + marks.faint(`  ${visible(cases[0]?.file ?? '')}`)
    for (const each of cases) yield* renderCase(each, widest, marks)
    yield ''
  }
  const failed = results.filter(({ differences }) => differences.length > 0).length
  const passed = results.length - failed
  yield failed === 0
    ? marks.good(`${counted(passed, 'case')} as expected.`)
    : marks.bad(`${failed} of ${counted(results.length, 'case')} not as expected.`)
}

function* renderCase(result: CaseResult, widest: number, marks: Marks): Generator<string> {
  const { name, differences, judgement } = result
  const mark = differences.length === 0 ? marks.good('✓') : marks.bad('✗')
  const outcome = [verdictWords[judgement.verdict], ...aside(judgement)].join(' ')
  yield `  ${mark} ${visible(name).padEnd(widest)}  ${marks.faint(visible(outcome))}`
  for (const { what, expected, actual } of differences) {
    yield* pair(what, 'expected', expected, 'got', actual)
  }
  if (differences.length > 0 && judgement.error !== null) {
    for (const line of wrapText(judgement.error.message, 88))
      yield `      ${marks.faint(visible(line))}`
  }
  if (differences.length > 0 && judgement.missing.length > 0) {
    yield `      it needs a catalogue that has ${visible(judgement.missing.join(', '))}: add "catalog: FILE" to the test`
  }
}

function aside({ error, rules, masks, verdict }: Judgement): readonly string[] {
  const masked = verdict === 'allow' && masks.length > 0 ? [`(${masks.length} masked)`] : []
  return [
    ...(error === null ? [] : [error.name]),
    ...rules.map(({ policy, rule }) => `${policy}/${rule}`),
    ...masked,
  ]
}

function* pair(what: string, one: string, first: string, other: string, second: string) {
  const label = Math.max(one.length, other.length)
  yield `      ${what.padEnd(8)} ${one.padEnd(label)} ${visible(first)}`
  yield `      ${' '.repeat(8)} ${other.padEnd(label)} ${visible(second)}`
}

export interface ComparedCase {
  readonly suite: string
  readonly name: string
  readonly changes: readonly Change[]
}

/** Only what changes is listed. */
export function* renderComparison(cases: readonly ComparedCase[], marks: Marks): Generator<string> {
  const changed = cases.filter(({ changes }) => changes.length > 0)
  for (const { suite, name, changes } of changed) {
    yield `${marks.bad('~')} ${marks.strong(visible(`${suite}/${name}`))}`
    for (const { what, before, after } of changes) yield* pair(what, 'was', before, 'is', after)
  }
  if (changed.length > 0) yield ''
  yield changed.length === 0
    ? marks.good(`${counted(cases.length, 'case')}, and none changes its outcome.`)
    : `${changed.length} of ${counted(cases.length, 'case')} change${changed.length === 1 ? 's its' : ' their'} outcome.`
}
