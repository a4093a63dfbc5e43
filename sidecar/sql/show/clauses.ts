/** The clauses of SHOW, each where it stands. */

import type { Spanned, TargetName } from '../ast.ts'
import { privilegeList } from '../grant/privileges.ts'
import { nameOf, signature } from '../grant/securable.ts'
import type { Parser } from '../parser/parser.ts'
import { atEnd, takePhrase } from '../parser/phrases.ts'
import type { ShowClass } from './classes.ts'
import type { ShowScope } from './scopes.ts'

/** `IN ACCOUNT` and `IN DATABASE` for the current one have no name. */
export interface ShowIn {
  /** ACCOUNT, DATABASE, SCHEMA, TABLE, VIEW, … also where the text leaves it out. */
  readonly scope: string
  readonly name: TargetName | undefined
  /** The version, metric, release channel or run that it is narrowed to. */
  readonly detail: TargetName | undefined
}

export interface ShowLimit extends Spanned {
  readonly rows: number
  /** `LIMIT n FROM 'name'` counts from a name on, also of objects the client may not see. */
  readonly from: string | undefined
}

export function text(p: Parser): string {
  if (p.type() !== 'string') p.fail('text in quotes')
  return p.takeText('text in quotes').value
}

export function scopeClause(p: Parser, { scopes, scoped }: ShowClass): ShowIn | undefined {
  const found = scopes
    .filter(({ phrase }) => p.ahead(...phrase.split(' ')))
    .reduce<ShowScope | undefined>(longer, undefined)
  if (found === undefined) return scoped ? p.fail(scopes[0]?.phrase ?? 'IN') : undefined
  takePhrase(p, found.phrase)
  if (found.name === 'none' || (found.name === 'optional' && atClause(p))) {
    return { scope: found.scope, name: undefined, detail: undefined }
  }
  const name = nameOf(p, found.scope, found.parts)
  if (found.signed === true) signature(p)
  return { scope: found.scope, name, detail: detail(p, found.detail) }
}

/** `IN DATABASE` is more than `IN`, with DATABASE for a name. */
function longer(a: ShowScope | undefined, b: ShowScope): ShowScope {
  return a === undefined || b.phrase.length > a.phrase.length ? b : a
}

/** Does something other than a name come next? */
function atClause(p: Parser): boolean {
  return (
    atEnd(p) ||
    p.ahead('STARTS', 'WITH') ||
    p.ahead('ROOT', 'ONLY') ||
    p.at('WITH') ||
    (p.at('LIMIT') && p.type(1) === 'number')
  )
}

/** A name behind fixed words: `VERSION v`, `FOR METRIC m`. */
function detail(p: Parser, words: string | undefined): TargetName | undefined {
  if (words === undefined || !p.ahead(...words.split(' '))) return undefined
  takePhrase(p, words)
  return nameOf(p, words)
}

export function limitClause(p: Parser): ShowLimit | undefined {
  const start = p.index
  if (!p.accept('LIMIT')) return undefined
  if (p.type() !== 'number') p.fail('a number')
  const rows = Number(p.takeText('a number').value)
  if (!Number.isSafeInteger(rows)) p.fail('a whole number')
  const from = p.accept('FROM') ? text(p) : undefined
  return { span: p.span(start), rows, from }
}

export function privilegesClause(p: Parser): readonly string[] {
  return p.accept('WITH', 'PRIVILEGES') ? privilegeList(p) : []
}

/** Phrases that stand alone, each once. */
export function optionClauses(p: Parser, possible: readonly string[]): readonly string[] {
  const given: string[] = []
  for (;;) {
    const next = possible.find((words) => p.ahead(...words.split(' ')))
    if (next === undefined || given.includes(next)) return given
    takePhrase(p, next)
    given.push(next)
  }
}
