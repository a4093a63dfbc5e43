import { describe, expect, test } from 'vitest'

import {
  children,
  emit,
  factsOf,
  parseStatements,
  sourceText,
  verifyRoundTrip,
  walk,
} from '../../../sidecar/sql/index.ts'
import type { Node, Parsed } from '../../../sidecar/sql/index.ts'
import { sentence } from '../../fuzz/grammar.ts'
import { random } from '../../fuzz/random.ts'

const chance = random(20261123)
/** Statements of all sorts, the same each time; the few that are refused are left out. */
const statements: readonly Parsed[] = [
  ...Array.from({ length: 500 }, () => sentence(chance)),
  'DROP TABLE IDENTIFIER($t)',
  'WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b JOIN c USING (d)',
].flatMap((text) => {
  try {
    return parseStatements(text)
  } catch {
    return []
  }
})

describe('A syntax tree', () => {
  test('is changed by nothing that reads it', () => {
    expect(statements.length).toBeGreaterThan(400)
    for (const parsed of statements) {
      const before = JSON.stringify(parsed.statement)
      freeze(parsed.statement)
      freeze(parsed.tokens)
      freeze(parsed.spelled)
      factsOf(parsed.statement)
      walk(parsed.statement, {})
      verifyRoundTrip(parsed, emit(parsed))
      expect(JSON.stringify(parsed.statement)).toBe(before)
    }
  })

  test('names nothing that is not in the facts', () => {
    const seen = new Set<string>()
    for (const parsed of statements) {
      const missing = unsaid(parsed, seen)
        .map(({ span }) => sourceText(parsed, span))
        // USE SECONDARY ROLES
        .filter((name) => name !== 'ALL' && name !== 'NONE')
      expect({ text: parsed.text, missing }).toEqual({ text: parsed.text, missing: [] })
    }
    expect([...seen].sort()).toEqual(['Bind', 'DynamicName', 'ObjectName', 'Stage', 'Variable'])
  })
})

/** Bytes cannot be frozen; they are of code in strings, whose tokens are not the tree. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if (Object.isFrozen(value)) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
}

/** Their names are words of options, tags' values, or aliases of relations that are facts. */
const unnamed: ReadonlySet<Node['kind']> = new Set(['Property', 'Attachment', 'Star', 'Positional'])

/** The nodes that name something and are in no fact; `seen` grows by the kinds of such nodes. */
function unsaid({ statement }: Parsed, seen: Set<string>): readonly Node[] {
  const facts = factsOf(statement)
  const spans = [
    ...[...facts.reads, ...facts.writes, ...facts.uses].map(({ name }) => name.span),
    ...[facts.functions, facts.columns, facts.dynamic, facts.stages].flat().map((use) => use.span),
  ]
  const ctes = new Set<string>()
  walk(statement, {
    Cte({ name }) {
      ctes.add(name.value)
      return undefined
    },
  })
  const said = (node: Node): boolean => {
    if (node.kind === 'Variable') return facts.variables.includes(node.name)
    if (node.kind === 'Bind') return facts.binds.includes(node.name)
    const { start, end } = node.span
    return spans.some((span) => span.start <= start && end <= span.end)
  }
  const found: Node[] = []
  const visit = (node: Node, parent: Node['kind']): void => {
    const isName = node.kind === 'ObjectName' && !unnamed.has(parent)
    const isCte = isName && node.parts.length === 1 && ctes.has(node.parts[0]?.value ?? '')
    if ((isName && !isCte) || naming.has(node.kind)) {
      seen.add(node.kind)
      if (!said(node)) found.push(node)
    }
    const inOption = parent === 'Property' && node.kind === 'PropertyList'
    for (const child of children(node)) visit(child, inOption ? parent : node.kind)
  }
  visit(statement, statement.kind)
  return found
}

const naming: ReadonlySet<Node['kind']> = new Set(['DynamicName', 'Stage', 'Variable', 'Bind'])
