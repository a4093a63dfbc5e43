import { describe, expect, it } from 'vitest'

import { problemOf, tableOf } from '../drivers/page.ts'
import type { Outcome } from '../drivers/report.ts'
import { items, type Verdict } from '../drivers/suite.ts'

const verdicts: readonly Verdict[] = items.map((item) => ({
  name: `a check of ${item}`,
  item,
  complaint: undefined,
}))

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  name: 'd',
  title: 'driver 1.0',
  verdicts,
  failed: [],
  seconds: 1,
  snippet: undefined,
  ...more,
})

const skipped = outcome({ verdicts: [], skipped: 'go is not here. Install Go.' })

describe('the table of docs/clients.md', () => {
  it('is one that is let pass, whatever a client lacks', () => {
    const lacking = outcome({
      verdicts: verdicts.map((verdict) => ({ ...verdict, limitation: 'it has no such API' })),
    })
    const table = tableOf([outcome(), lacking, skipped, outcome({ verdicts: verdicts.slice(1) })])
    expect(problemOf(table)).toBeUndefined()
    expect(table).toContain("- [1] The driver's own limitation: it has no such API.")
    expect(table).toContain('- [2] Not run: go is not here. Install Go.')
    expect(table).toContain(`| ${items[1]} | ✓ | [1] | SKIPPED [2] | ✓ |`)
  })

  const table = tableOf([outcome(), skipped])
  const failing = verdicts.with(0, { name: 'x', item: items[0], complaint: 'no' })

  it.each<[string, string]>([
    ['no table', ''],
    ['a failure', tableOf([outcome({ verdicts: failing, failed: failing.slice(0, 1) })])],
    ['a row too few', table.replace(/^\| bad token .*\n/m, '')],
    ['a row too many', table.replace(/^(\| session and close .*)$/m, '$1\n$1')],
    ['a skipped client without a reason', table.replaceAll('SKIPPED [1]', 'SKIPPED')],
    ['a cell too few', table.replace(/^(\| bad token \| ✓ \|).*$/m, '$1')],
  ])('is not let pass with %s', (_what, text) => {
    expect(problemOf(text)).toBeDefined()
  })
})
