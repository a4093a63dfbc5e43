import { describe, expect, test } from 'vitest'
import { children, parseStatement, walk } from '../../../sidecar/sql/index.ts'
import type { Node, SelectItem } from '../../../sidecar/sql/index.ts'

/** The first select item as nested brackets. */
function shape(sql: string): string {
  let item: SelectItem | undefined
  walk(parseStatement(sql).statement, {
    SelectItem(node) {
      item ??= node
      return undefined
    },
  })
  return item === undefined ? '' : brackets(item.expression)
}

function brackets(node: Node): string {
  const inner = children(node).map(brackets)
  if (node.kind === 'Identifier') return node.value.toLowerCase()
  if (node.kind === 'Literal') return node.value
  if (node.kind === 'ColumnReference') return inner.join('.')
  if (node.kind === 'Unary') return `(${node.operator} ${inner.join(' ')})`
  if (node.kind !== 'Chain') return `${node.kind}(${inner.join(', ')})`
  return `(${inner
    .flatMap((operand, at) => [operand, node.operators[at] ?? ''])
    .join(' ')
    .trim()})`
}

describe('operators bind as in Snowflake', () => {
  test.each([
    ['a OR b AND c OR d', '(a OR (b AND c) OR d)'],
    ['NOT a AND b', '((NOT a) AND b)'],
    ['NOT a = b', '(NOT (a = b))'],
    ['a + b * c - d', '(a + (b * c) - d)'],
    ['a || b + c', '(a || b + c)'],
    ['- a * b', '((- a) * b)'],
    ['- a::int', '(- Cast(a))'],
    ['a + b::int', '(a + Cast(b))'],
    ['a = b + 1', '(a = (b + 1))'],
    ['a = 1 AND b BETWEEN 2 AND 3 AND c', '((a = 1) AND Between(b, 2, 3) AND c)'],
    ['a BETWEEN b + 1 AND c * 2 OR d', '(Between(a, (b + 1), (c * 2)) OR d)'],
    ['a IN (1) AND b', '(InList(a, 1) AND b)'],
    ['NOT a IN (1)', '(NOT InList(a, 1))'],
    ['a LIKE b || c', 'Like(a, (b || c))'],
    ['a IS NULL = b', '(IsTest(a) = b)'],
    ['a IS NOT DISTINCT FROM b + 1 OR c', '(IsTest(a, (b + 1)) OR c)'],
    ['(a OR b) AND c', '((a OR b) AND c)'],
    ['a:b.c::int + 1', '(Cast(Path(a)) + 1)'],
    ['a[0]:b[c + 1]', 'Path(a, 0, (c + 1))'],
    ['CASE WHEN a THEN b ELSE c END + 1', '(Case(a, b, c) + 1)'],
  ])('%s', (sql, expected) => {
    expect(shape(`SELECT ${sql}`)).toBe(expected)
  })
})

test('INTERSECT binds tighter than UNION and EXCEPT', () => {
  const parsed = parseStatement(
    'SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT SELECT 4',
  ).statement
  expect(parsed).toMatchObject({
    query: {
      body: {
        kind: 'SetOperation',
        operators: [{ type: 'UNION' }, { type: 'EXCEPT' }],
        arms: [
          { kind: 'Select' },
          { kind: 'SetOperation', operators: [{ type: 'INTERSECT' }] },
          { kind: 'Select' },
        ],
      },
    },
  })
})

test('a walk may leave out what is below a node', () => {
  const seen: string[] = []
  walk(parseStatement('SELECT a, (SELECT b), c').statement, {
    ScalarSubquery: () => false,
    ColumnReference({ parts }) {
      seen.push(parts.map((part) => part.value).join('.'))
      return undefined
    },
  })
  expect(seen).toEqual(['A', 'C'])
})
