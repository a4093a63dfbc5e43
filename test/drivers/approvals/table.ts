/** Milliseconds from a decision until the client's call returned, for each client. */

import { loadavg } from 'node:os'

import type { Followed } from './follow.ts'

export interface ClientsDelays {
  readonly title: string
  readonly followed: readonly Followed[]
}

/** In Markdown, as docs/approvals.md has it. */
export function delayTable(clients: readonly ClientsDelays[]): readonly string[] {
  const scenarios = [...new Set(clients.flatMap(({ followed }) => followed.map(({ scenario, verdict }) => labelOf(scenario, verdict.name))))] // prettier-ignore
  const rows = scenarios.map((scenario) => {
    const cells = clients.map(({ followed }) => {
      const found = followed.find((each) => labelOf(each.scenario, each.verdict.name) === scenario)
      return found === undefined ? '–' : cellOf(found)
    })
    return `| ${[scenario, ...cells].join(' | ')} |`
  })
  return [
    `| milliseconds until the call returned | ${clients.map(({ title }) => title).join(' | ')} |`,
    `| --- |${' --: |'.repeat(clients.length)}`,
    ...rows,
    `load of the machine in the last minute: ${loadavg()[0]?.toFixed(1) ?? '?'}`,
  ]
}

function labelOf(scenario: string, name: string): string {
  return name === scenario ? scenario : name
}

function cellOf({ verdict, delayMs, returned }: Followed): string {
  if (verdict.complaint !== undefined) return '✗'
  if (delayMs !== undefined) return String(Math.round(delayMs))
  return `(${returned?.answer.milliseconds ?? '?'})`
}
