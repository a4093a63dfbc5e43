/** Policies, tags and contacts, as CREATE and ALTER put them on objects and columns. */

import type { Attachment, Expression, Identifier, PropertyValue } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { propertyValue } from './properties.ts'

export interface PolicyClass {
  readonly name: string
  /** Those of its name. */
  readonly words: readonly string[]
  /** The words before its arguments; none where it takes none. */
  readonly given: readonly string[]
  readonly needed?: true
  /** Of a table's policies, ALTER adds and drops some and sets and unsets the others. */
  readonly added?: true
  /** Arguments may be conditions; of others, columns only. */
  readonly conditions?: true
}

function policyClass(
  name: string,
  given: string,
  rest: Pick<PolicyClass, 'needed' | 'added' | 'conditions'> = {},
): PolicyClass {
  return { name, words: name.split(' '), given: given === '' ? [] : given.split(' '), ...rest }
}

export const columnPolicies: readonly PolicyClass[] = [
  policyClass('MASKING POLICY', 'USING', { conditions: true }),
  policyClass('PROJECTION POLICY', ''),
]

export const relationPolicies: readonly PolicyClass[] = [
  policyClass('ROW ACCESS POLICY', 'ON', { needed: true, added: true }),
  policyClass('AGGREGATION POLICY', 'ENTITY KEY'),
  policyClass('JOIN POLICY', 'ALLOWED JOIN KEYS'),
  policyClass('PRIVACY POLICY', 'ENTITY KEY', { added: true }),
  policyClass('STORAGE LIFECYCLE POLICY', 'ON', { needed: true, added: true }),
]

/** The policy whose words stand at `distance`. */
function policyAt(
  p: Parser,
  policies: readonly PolicyClass[],
  distance: number,
): PolicyClass | undefined {
  if (p.type(distance) !== 'word') return undefined
  return policies.find(({ words }) => words.every((word, index) => p.at(word, distance + index)))
}

/** A policy whose class, read from token `start`, is behind the cursor. */
export function policyNamed(p: Parser, start: number, found: PolicyClass): Attachment {
  const name = targetName(p, 'the name of a policy')
  const given = policyArguments(p, found)
  return attachment(p, start, found.name, name, { arguments: given })
}

function policyArguments(
  p: Parser,
  { given, needed, conditions }: PolicyClass,
): readonly Expression[] {
  if (given.length === 0) return []
  if (needed === true) p.expect(...given)
  else if (!p.accept(...given)) return []
  p.expect('(')
  const found = p.list(() => (conditions === true ? p.rules.expression(p) : columnUse(p)))
  p.expect(')')
  return found
}

/** A column that exists already, so a fact. */
export function columnUse(p: Parser): Expression {
  const start = p.index
  const parts: readonly Identifier[] = [p.identifier('a column')]
  return { kind: 'ColumnReference', span: p.span(start), parts }
}

/** `(tag = 'value', …)` or the same without parentheses. */
export function tagValues(p: Parser): readonly Attachment[] {
  const found = [tagValue(p)]
  while (p.at(',') && atTagValue(p, 1)) {
    p.keywords(1)
    found.push(tagValue(p))
  }
  return found
}

/** What follows a comma may be the next column's change instead. */
function atTagValue(p: Parser, distance: number): boolean {
  if (p.at('IDENTIFIER', distance) && p.at('(', distance + 1)) return true
  return p.at('=', nameEnd(p, distance))
}

function tagValue(p: Parser): Attachment {
  const start = p.index
  const name = targetName(p, 'the name of a tag')
  p.expect('=')
  // A value in double quotes reads as a name, but no unquoted word can be one.
  if (p.type() === 'word' || p.at('(') || p.at('[')) p.fail("a tag's value in quotes")
  return attachment(p, start, 'TAG', name, { value: propertyValue(p) })
}

/** Tags only named, for UNSET. */
export function tagNames(p: Parser): readonly Attachment[] {
  const found = [tagName(p)]
  while (p.at(',') && atTagName(p, 1)) {
    p.keywords(1)
    found.push(tagName(p))
  }
  return found
}

function tagName(p: Parser): Attachment {
  const start = p.index
  return attachment(p, start, 'TAG', targetName(p, 'the name of a tag'))
}

function atTagName(p: Parser, distance: number): boolean {
  const end = nameEnd(p, distance)
  return p.peek(end) === undefined || p.at(',', end) || p.at(')', end) || p.at('(', end)
}

/** The distance of the token behind a name of up to three parts. */
function nameEnd(p: Parser, distance: number): number {
  let at = distance
  while (at < distance + 4 && p.atIdentifier(at) && p.at('.', at + 1)) at += 2
  return p.atIdentifier(at) ? at + 1 : at
}

/** `STEWARD = name, …`: the purpose is a word of Snowflake's. */
export function contacts(p: Parser): readonly Attachment[] {
  return p.list(() => {
    const start = p.index
    contactPurpose(p)
    p.expect('=')
    return attachment(p, start, 'CONTACT', targetName(p, 'the name of a contact'))
  })
}

export function contactPurpose(p: Parser): void {
  const purpose = ['STEWARD', 'SUPPORT', 'ACCESS_APPROVAL', 'SECURITY_COMPLIANCE'].find((word) =>
    p.at(word),
  )
  p.expect(purpose ?? 'STEWARD, SUPPORT or ACCESS_APPROVAL')
}

/** `[WITH] TAG (…)`, `WITH CONTACT (…)`, `[WITH] … POLICY …`, whichever comes next. */
export function attachmentClause(
  p: Parser,
  policies: readonly PolicyClass[],
): readonly Attachment[] | undefined {
  const given = p.at('WITH') ? 1 : 0
  const items = p.at('TAG', given) ? tagValues : p.at('CONTACT', given) ? contacts : undefined
  if (items !== undefined && p.at('(', given + 1)) {
    p.keywords(given + 2)
    const found = items(p)
    p.expect(')')
    return found
  }
  const start = p.index + given
  const found = policyAt(p, policies, given)
  if (found === undefined) return undefined
  p.keywords(given + found.words.length)
  return [policyNamed(p, start, found)]
}

export function attachment(
  p: Parser,
  start: number,
  objectClass: string,
  name: Attachment['name'],
  rest: { readonly arguments?: readonly Expression[]; readonly value?: PropertyValue } = {},
): Attachment {
  const { arguments: given = [], value } = rest
  return { kind: 'Attachment', span: p.span(start), objectClass, name, arguments: given, value }
}
