import { describe, expect, test } from 'vitest'
import { checkAccounting } from '../../../sidecar/sql/accounting.ts'
import { parseQuery } from '../../../sidecar/sql/index.ts'
import type { QueryStatement } from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

const parsed = parseQuery('SELECT a, b FROM t, u WHERE c = 1')
const { statement } = parsed
const select = statement.query.body

/** The statement as a faulty parser might have built it. */
function withSelect(change: object): QueryStatement {
  const body = { ...select, ...change }
  return { ...statement, query: { ...statement.query, body } }
}

const items = 'items' in select ? select.items : []
const [first, second] = items
const relations = 'from' in select ? select.from : []
const [table, other] = relations
const stolen = other?.kind === 'TableReference' ? other.name.parts[0] : undefined

describe('a tree that does not account for its tokens is refused', () => {
  test('the tree as parsed is not', () => {
    checkAccounting(statement, parsed.uses)
  })
  test.each([
    ['an item is dropped', withSelect({ items: [first] })],
    ['WHERE is dropped', withSelect({ where: undefined })],
    [
      'an alias is the name of another table',
      withSelect({ from: [{ ...table, alias: stolen }, other] }),
    ],
    ['FROM is dropped', withSelect({ from: [] })],
    ['an item is doubled', withSelect({ items: [first, first, second] })],
    ['an item stands for the wrong tokens', withSelect({ items: [second, second] })],
    ['a clause lies outside its statement', { ...statement, span: { start: 0, end: 3 } }],
    ['children overlap', withSelect({ items: [first, { ...second, span: { start: 1, end: 4 } }] })],
  ])('%s', (_what, tree) => {
    expect(
      refusal(() => {
        checkAccounting(tree, parsed.uses)
      })?.entry,
    ).toBe('SqlRoundTrip')
  })
  test('a token was taken for a keyword and for a name', () => {
    const uses = parsed.uses.slice()
    uses[1] = 0
    uses[2] = 0
    expect(
      refusal(() => {
        checkAccounting(statement, uses)
      })?.entry,
    ).toBe('SqlRoundTrip')
  })
})
