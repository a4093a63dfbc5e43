import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { clientsPage, problemOf, tableOf } from '../drivers/page.ts'
import type { Outcome } from '../drivers/report.ts'
import { items, type Verdict } from '../drivers/suite.ts'

const page = await readFile(join(import.meta.dirname, '../../docs/clients.md'), 'utf8')

function outcome(title: string, more: Partial<Verdict> = {}): Outcome {
  const verdicts = items.map((item) => ({ name: item, item, complaint: undefined }))
  const own = { name: 'frame', item: 'columnar fetch' as const, complaint: undefined, ...more }
  const all = [...verdicts.filter(({ item }) => item !== own.item), own]
  return { name: title, title, verdicts: all, failed: [], snippet: undefined, seconds: 1 }
}

const table = tableOf([outcome('one 1.0'), outcome('two', { limitation: 'it has no frames' })])

describe('the table of docs/clients.md', () => {
  it('has each item in its row, and what a driver lacks below it', () => {
    expect(table).toContain('| | one 1.0 | two |')
    expect(table).toContain('| columnar fetch | ✓ | [1] |')
    expect(table).toContain("- [1] The driver's own limitation: it has no frames.")
    expect(problemOf(table)).toBeUndefined()
  })

  it.each([
    ['no table', 'nothing'],
    ['a row that is missing', table.replace(/\| renewal \|.*\n/, '')],
    ['a row too many', table.replace(/(\| session and close \|.*\n)/, '$1| more | ✓ | ✓ |\n')],
    ['rows in another order', table.replace('| cancel |', '| own timeout |')],
    ['a cell that is missing', table.replace('| cancel | ✓ | ✓ |', '| cancel | ✓ |')],
    ['a failure', table.replace('| cancel | ✓ | ✓ |', '| cancel | ✓ | ✗ |')],
    ['a word of somebody else', table.replace('| cancel | ✓ | ✓ |', '| cancel | ✓ | soon |')],
  ])('is refused with %s', (_what, text) => {
    expect(problemOf(text)).toBeDefined()
  })
})

describe('the page', () => {
  const marked = page.replace(/(<!-- clients: .* -->)[^]*(<!-- \/clients -->)/, `$1\n\n${table}\n\n$2`)

  it('shows the snippets that the suite runs', async () => {
    const made = await clientsPage(marked)
    for (const name of ['node', 'python', 'jdbc', 'go']) {
      const file = join(import.meta.dirname, `../drivers/clients/${name}.snippet`)
      expect(made, name).toContain((await readFile(file, 'utf8')).trim())
    }
    await expect(clientsPage(made)).resolves.toBe(made)
    await expect(clientsPage(made.replace('authenticator', 'other'))).resolves.toBe(made)
  })

  it('is refused without a table of this suite', async () => {
    await expect(clientsPage(marked.replace('| renewal |', '| again |'))).rejects.toThrow('renewal')
  })
}) // prettier-ignore
