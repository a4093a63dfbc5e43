/**
 * The pattern of MATCH_RECOGNIZE: symbols in sequence, `|`, groups, `PERMUTE (…)`, `{- … -}`, `^`,
 * `$`, and the quantifiers `*`, `+`, `?`, `{n}`, `{n,}`, `{,m}`, `{n,m}`, each with `?` behind.
 */

import type { Identifier } from '../ast.ts'
import type { Parser } from './parser.ts'

const expected = 'a symbol, "(", "{-", PERMUTE, "^" or "$"'

/** The symbols of the pattern up to the bracket that closes it. */
export function rowPattern(p: Parser): readonly Identifier[] {
  const symbols: Identifier[] = []
  alternatives(p, symbols)
  return symbols
}

function alternatives(p: Parser, symbols: Identifier[]): void {
  do sequence(p, symbols)
  while (p.accept('|'))
}

function sequence(p: Parser, symbols: Identifier[]): void {
  do term(p, symbols)
  while (!p.at(')') && !p.at('|') && !p.at(',') && !p.at('-'))
}

function term(p: Parser, symbols: Identifier[]): void {
  if (p.accept('^') || p.accept('$')) return
  if (p.at('(')) bracketed(p, 1, ')', symbols)
  else if (p.ahead('PERMUTE', '(')) permutation(p, symbols)
  else if (p.ahead('{', '-')) exclusion(p, symbols)
  else symbols.push(p.identifier(expected))
  quantifier(p)
}

function bracketed(p: Parser, opening: number, close: string, symbols: Identifier[]): void {
  p.enter()
  p.keywords(opening)
  alternatives(p, symbols)
  p.expect(close)
  p.leave()
}

function permutation(p: Parser, symbols: Identifier[]): void {
  p.enter()
  p.keywords(2)
  p.list(() => {
    alternatives(p, symbols)
  })
  p.expect(')')
  p.leave()
}

/** `{- … -}`: rows that match but are not shown. */
function exclusion(p: Parser, symbols: Identifier[]): void {
  bracketed(p, 2, '-', symbols)
  p.expect('}')
}

function quantifier(p: Parser): void {
  if (p.at('{') && !p.at('-', 1)) repetition(p)
  else if (!p.accept('*') && !p.accept('+') && !p.accept('?')) return
  // As few as possible.
  p.accept('?')
}

function repetition(p: Parser): void {
  p.keywords(1)
  const low = p.type() === 'number'
  if (low) p.takeText('a number')
  if (p.accept(',')) {
    if (p.type() === 'number') p.takeText('a number')
    else if (!low) p.fail('a number')
  } else if (!low) {
    p.fail('a number')
  }
  p.expect('}')
}
