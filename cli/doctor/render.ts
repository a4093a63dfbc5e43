/** A finding for people: a mark, the check, what was found, and below it what to do. */

import type { Marks } from '../../sidecar/recording/render.ts'
import type { Finding, State } from './finding.ts'

const signs: Readonly<Record<State, { readonly sign: string; readonly mark: keyof Marks }>> = {
  ok: { sign: '✓', mark: 'good' },
  warning: { sign: '!', mark: 'strong' },
  failed: { sign: '✗', mark: 'bad' },
  skipped: { sign: '-', mark: 'faint' },
}

/** As wide as the longest name of a check. */
const nameWidth = 12

export function renderFinding(
  { check, state, what, remedy }: Finding,
  marks: Marks,
): readonly string[] {
  const { sign, mark } = signs[state]
  const indent = ' '.repeat(nameWidth + 4)
  return [
    `${marks[mark](sign)} ${check.padEnd(nameWidth)}  ${visible(what)}`,
    ...(remedy === undefined ? [] : [`${indent}${visible(remedy)}`]),
  ]
}

export function renderSummary(findings: readonly Finding[], marks: Marks): string {
  const count = (state: State): number => findings.filter((each) => each.state === state).length
  const [failed, warnings, skipped] = [count('failed'), count('warning'), count('skipped')]
  const verdict =
    failed > 0
      ? marks.bad(`${failed} failed`)
      : warnings > 0
        ? marks.strong('Works, with warnings')
        : marks.good('All well')
  const rest = [
    ...(warnings > 0 ? [`${warnings} to look at`] : []),
    ...(skipped > 0 ? [`${skipped} not tried`] : []),
    `${count('ok')} well`,
  ]
  return `${verdict}: ${rest.join(', ')}.`
}

/** Messages quote what others wrote into objects; a terminal must not obey them. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
}
