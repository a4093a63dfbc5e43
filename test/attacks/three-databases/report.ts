/** What a run found, counted. */

import type { Answer } from './judge.ts'
import type { Finding } from './lists.ts'

export interface Count {
  statements: number
  /** How many ended how. */
  readonly ended: Map<string, number>
  readonly findings: Finding[]
}

export const noCount = (): Count => ({ statements: 0, ended: new Map(), findings: [] })

export function counted(count: Count, ended: Answer['ended'], finding: Finding | undefined): void {
  count.statements += 1
  count.ended.set(ended, (count.ended.get(ended) ?? 0) + 1)
  if (finding !== undefined) count.findings.push(finding)
}

/** `60 statements: 40 mask, 12 allow, 8 refused; 0 wrong`. */
export function counts({ statements, ended, findings }: Count): string {
  const of = (name: string) => ended.get(name) ?? 0
  const rest = statements - of('mask') - of('allow')
  return (
    `${statements} statements: ${of('mask')} masked, ${of('allow')} open, ${rest} refused or failed; ` +
    `${findings.length} wrong`
  )
}

export function printed({ id, sql, wrong }: Finding): string {
  return `✗ ${id}\n  ${sql}\n${wrong.map((each) => `    ${each}`).join('\n')}`
}
