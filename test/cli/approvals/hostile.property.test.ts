/** Whoever writes statements, names and reasons cannot make a terminal show anything else. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { renderList } from '../../../cli/approvals/list.ts'
import { columnsOf } from '../../../cli/approvals/layout.ts'
import { renderRequest, renderShortly } from '../../../cli/approvals/request.ts'
import { wordsOf } from '../../../cli/approvals/decide.ts'
import type { ApprovalRequest } from '../../../crds/types.ts'
import { plainMarks } from '../../../sidecar/recording/render.ts'
import { digest, request } from './support.ts'

const labels = 'who wants statement binds variables runs_as objects rows changes masked asked_by because approvers decided then digest differs'.split(' ').map((label) => label.replace('_', ' ')) // prettier-ignore
const phases = ['PENDING', 'APPROVED', 'USED', 'DENIED']
const ownLine = new RegExp(`^(?:(?:${[...labels].join('|')}) |(?:${phases.join('|')})  | |$)`)

const evil = fc.constantFrom(
  '\u001b[2J\u001b[H', '\u001b]0;title\u0007', '\r', '\n', '\u202e', '\u2066', '\u200b', '\u0085', '\u009b31m',
  '\u2028', '\ufeff', '\ud800', '\nmasked     none', '\napprovers  1 of group everybody', '\r\ndecided    approved by ann',
  'x'.repeat(300), ' '.repeat(200), '中'.repeat(90), '\u{1f600}'.repeat(60), 'who        root', '\t', '\b\b\b', '--', "'", '$$', '/*', '(',
) // prettier-ignore
const text = fc
  .array(fc.oneof(evil, fc.string({ unit: 'binary', maxLength: 12 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''))
const few = fc.array(text, { maxLength: 2 })

const hostile: fc.Arbitrary<ApprovalRequest> = fc
  .record({
    named: text, who: few, statement: text, reason: text, agentReason: text, names: few, bind: text,
    phase: fc.constantFrom('Pending', 'Approved', 'Used', 'Denied'), rule: text, groups: few, truncated: fc.boolean(),
  })
  .map(({ named, who, statement, reason, agentReason, names, bind, phase, rule, groups, truncated }) =>
    request(
      {
        principal: { provider: named, issuer: rule, subject: agentReason, groups: who, run: bind, aliases: who },
        pod: { namespace: named, name: rule, uid: bind, serviceAccountName: reason },
        connectionRef: { name: named }, statement, reason, agentReason, truncated,
        binds: [{ name: bind, type: rule, value: bind }], variables: [{ name: bind, value: rule }],
        role: rule, warehouse: rule, database: bind, schema: named, class: rule,
        objects: names.map((name) => ({ name, access: rule, lastDDL: bind })), maskedColumns: names,
        rules: [{ policy: named, rule }], approvers: { groups, users: who, count: 2 },
        statementDigest: statement, validFor: bind,
      },
      {
        phase: phase as 'Pending', approvals: 1, usableUntil: bind, uses: [{ id: bind, time: rule }],
        decisions: [{ name: named, username: bind, verdict: 'Approve', reason: agentReason, time: bind }],
      },
      named,
    ),
  ) // prettier-ignore

function checkLines(lines: readonly string[], width: number): void {
  for (const line of lines) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
    expect(columnsOf(line)).toBeLessThanOrEqual(width)
  }
}

describe('hostile fields', () => {
  it('cannot steer the terminal, nor begin a line as a label does', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.integer({ min: 40, max: 120 }), (one, two, width) => {
        const used = { ...two, status: { ...two.status, phase: 'Used' as const } }
        const kin = { ...used, spec: { ...two.spec, principal: one.spec.principal, rules: one.spec.rules } } // prettier-ignore
        const shown = { width, marks: plainMarks, now: 0, lines: undefined, others: [kin] }
        for (const render of [renderRequest, renderShortly]) {
          const lines = [...render(one, shown)]
          checkLines(lines, Math.max(width, 0))
          for (const line of lines) expect(line).toMatch(ownLine)
          // Each label stands at most once at the beginning of a line.
          for (const label of labels) {
            const begins = lines.filter((line) => line.startsWith(label.padEnd(11)))
            expect(begins.length).toBeLessThanOrEqual(1)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('leave our own colours as the only control codes', () => {
    const bold = (word: string): string => `\u001b[1m${word}\u001b[22m`
    const marks = { good: bold, bad: bold, strong: bold, faint: bold }
    fc.assert(
      fc.property(hostile, (one) => {
        const shown = { width: 80, marks, now: 0, lines: undefined, others: [] }
        for (const line of renderRequest(one, shown))
          expect(line.replaceAll(/\u001b\[(?:1|22)m/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
      { numRuns: 100 },
    )
  })

  it('stay in their row of the list, and in the sentences about a decision', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), text, (requests, why) => {
        const lines = renderList(requests, 0, true, { width: 100, marks: plainMarks })
        expect(lines).toHaveLength(requests.length + 1)
        checkLines(lines, 100)
        for (const each of requests) {
          for (const judged of [undefined, { counts: true }, { counts: false, why }] as const) {
            const said = wordsOf({ decision: why, judged, request: each }, 'Approve')
            checkLines(said, Infinity)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('a digest of the right form is shown whole', () => {
    const shown = { width: 60, marks: plainMarks, now: 0, lines: undefined, others: [] }
    expect([...renderRequest(request(), shown)]).toContain(`digest     ${digest}`)
  })
})
