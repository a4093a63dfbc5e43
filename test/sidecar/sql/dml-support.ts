import { expect, test } from 'vitest'

import { emit, factsOf, parseStatement, partsOf } from '../../../sidecar/sql/index.ts'
import { verifyRoundTrip } from '../../../sidecar/sql/round-trip.ts'
import { refusal } from './support.ts'

/** Facts in short: one word or line per entry, empty lists left out. */
export interface Summary {
  readonly kind: string
  readonly class: string
  readonly reads?: readonly string[]
  /** `INSERT DB.S.T` */
  readonly writes?: readonly string[]
  /** `FILE FORMAT F` */
  readonly uses?: readonly string[]
  /** `Read @s` */
  readonly stages?: readonly string[]
  readonly urls?: readonly string[]
  readonly dynamic?: readonly string[]
  readonly effects?: readonly string[]
}

export function summary(sql: string): Summary {
  const facts = factsOf(parseStatement(sql).statement)
  expect(facts.structured).toBe(true)
  const name = (use: { readonly name: Parameters<typeof partsOf>[0] }) =>
    partsOf(use.name).join('.')
  const lists = {
    reads: facts.reads.map(name),
    writes: facts.writes.map((use) => `${use.privilege} ${name(use)}`),
    uses: facts.uses.map((use) => `${use.objectClass} ${name(use)}`),
    stages: facts.stages.map((use) => `${use.access} ${use.name}`),
    urls: facts.urls.map(({ url }) => url),
    dynamic: facts.dynamic.map(({ what }) => what),
    effects: Object.entries(facts.effects).flatMap(([effect, is]) => (is ? [effect] : [])),
  }
  const filled = Object.entries(lists).filter(([, list]) => list.length > 0)
  return { kind: facts.kind, class: facts.class, ...Object.fromEntries(filled) }
}

const junk = [' )', ')', " 's'", ' 123', ' DROP TABLE z', ' ; DROP TABLE z', ' ->> )']

/** Each statement runs as it was judged, and takes nothing behind its end. */
export function wholeStatements(statements: readonly string[]): void {
  test.each(statements)('emitted anew it means the same: %s', (sql) => {
    const parsed = parseStatement(sql)
    verifyRoundTrip(parsed, emit(parsed))
  })

  test.each(statements)('nothing may follow: %s', (sql) => {
    for (const more of junk) expect(refusal(() => parseStatement(sql + more))).toBeDefined()
  })
}

/** Refused as no SQL of Snowflake's: not for its characters, nor for its size. */
export function syntaxErrors(statements: readonly string[]): void {
  test.each(statements)('refused: %s', (sql) => {
    expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlSyntax')
  })
}
