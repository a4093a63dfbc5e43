/** What stands behind a column's name and type, in any order, each at most once. */

import type { Attachment, Constraint, Expression, Property } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { attachmentClause, columnPolicies } from '../attachments.ts'
import { propertyValue } from '../properties.ts'
import { columnConstraint } from './constraints.ts'
import { failAt } from './fail-at.ts'

export interface AttributeRules {
  /** The only attributes that may be given; all where undefined. */
  readonly only?: readonly string[]
}

interface Draft {
  value: Expression | undefined
  readonly constraints: Constraint[]
  readonly properties: Property[]
  readonly attachments: Attachment[]
}

export function columnAttributes(p: Parser, { only }: AttributeRules): Readonly<Draft> {
  const draft: Draft = { value: undefined, constraints: [], properties: [], attachments: [] }
  const used = new Set<Attribute>()
  for (;;) {
    const attribute = p.type() === 'word' ? byWord.get(p.peek()?.value ?? '') : undefined
    if (attribute === undefined || used.has(attribute)) return draft
    if (only?.includes(attribute.name) === false || !attribute.read(p, draft)) return draft
    // Those that come in several classes tell a second of one class themselves.
    if (attribute.classes !== true) used.add(attribute)
  }
}

interface Attribute {
  readonly name: string
  /** The words that may begin it. */
  readonly words: string
  readonly classes?: true
  /** Reads the attribute if it comes next. */
  readonly read: (p: Parser, draft: Draft) => boolean
}

const attributes: readonly Attribute[] = [
  { name: 'VALUE', words: 'AS DEFAULT GENERATED', read: value },
  { name: 'AUTOINCREMENT', words: 'AUTOINCREMENT IDENTITY', read: autoincrement },
  { name: 'NULL', words: 'NULL', read: nullable },
  { name: 'COLLATE', words: 'COLLATE', read: (p, draft) => text(p, draft, 'COLLATE') },
  { name: 'COMMENT', words: 'COMMENT', read: (p, draft) => text(p, draft, 'COMMENT') },
  { name: 'POLICY', words: 'WITH MASKING PROJECTION TAG', read: attached, classes: true },
  {
    name: 'CONSTRAINT',
    words: 'CONSTRAINT NOT PRIMARY UNIQUE FOREIGN REFERENCES CHECK',
    read: constrained,
    classes: true,
  },
]

const byWord: ReadonlyMap<string, Attribute> = new Map(
  attributes.flatMap((attribute) =>
    attribute.words.split(' ').map((word) => [word, attribute] as const),
  ),
)

/** Does an attribute come next, not a type? */
export function atAttribute(p: Parser): boolean {
  return p.type() === 'word' && byWord.has(p.peek()?.value ?? '')
}

/** DEFAULT, or the expression of a virtual column. */
function value(p: Parser, draft: Draft): boolean {
  const generated = p.accept('GENERATED')
  if (generated) p.expect('ALWAYS', 'AS')
  else if (!p.accept('AS')) p.expect('DEFAULT')
  draft.value = p.rules.expression(p)
  if (generated) p.accept('VIRTUAL')
  return true
}

/** `AUTOINCREMENT [(0, 1) | START 0 INCREMENT 1] [ORDER]`. */
function autoincrement(p: Parser, { properties }: Draft): boolean {
  const start = p.index
  if (!p.accept('AUTOINCREMENT')) p.expect('IDENTITY')
  if (p.accept('(')) {
    number(p)
    p.expect(',')
    number(p)
    p.expect(')')
  } else {
    if (p.accept('START')) wordedNumber(p, 'WITH')
    if (p.accept('INCREMENT')) wordedNumber(p, 'BY')
  }
  if (!p.accept('ORDER')) p.accept('NOORDER')
  const span = p.span(start)
  properties.push({ kind: 'Property', span, name: 'AUTOINCREMENT', value: undefined })
  return true
}

function wordedNumber(p: Parser, word: string): void {
  p.accept(word)
  p.accept('=')
  number(p)
}

function number(p: Parser): void {
  if (!p.accept('-')) p.accept('+')
  if (p.type() !== 'number') p.fail('a number')
  p.takeText('a number')
}

function nullable(p: Parser, { properties, constraints }: Draft): boolean {
  const start = p.index
  p.expect('NULL')
  if (constraints.some(({ type }) => type === 'NOT NULL')) failAt(p, start, 'NOT NULL only')
  properties.push({ kind: 'Property', span: p.span(start), name: 'NULL', value: undefined })
  return true
}

function text(p: Parser, { properties }: Draft, word: string): boolean {
  const start = p.index
  p.expect(word)
  p.accept('=')
  if (p.type() !== 'string') p.fail('a string')
  const given = propertyValue(p)
  properties.push({ kind: 'Property', span: p.span(start), name: word, value: given })
  return true
}

function attached(p: Parser, { attachments }: Draft): boolean {
  const start = p.index
  // Contacts are a table's.
  if (p.at('CONTACT', 1)) return false
  const read = attachmentClause(p, columnPolicies)
  if (read === undefined) return false
  const given = new Set(attachments.map(({ objectClass }) => objectClass))
  const twice = read.some(({ objectClass }) => given.has(objectClass))
  if (twice) failAt(p, start, 'a policy of another class')
  attachments.push(...read)
  return true
}

function constrained(p: Parser, { constraints, properties }: Draft): boolean {
  const start = p.index
  const read = columnConstraint(p)
  if (read === undefined) return false
  const twice =
    constraints.some(({ type }) => type === read.type) ||
    (read.type === 'NOT NULL' && properties.some(({ name }) => name === 'NULL'))
  if (twice) failAt(p, start, 'a constraint of another type')
  constraints.push(read)
  return true
}
