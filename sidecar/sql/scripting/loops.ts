/** Loops: https://docs.snowflake.com/en/developer-guide/snowflake-scripting/loops */

import type { ForLoop, Identifier, Jump, Loop } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { atEnd } from '../parser/phrases.ts'
import { parenthesisedCondition } from './branches.ts'
import type { StatementList } from './branches.ts'

export function forLoop(p: Parser, list: StatementList): ForLoop {
  const start = p.index
  p.expect('FOR')
  const variable = p.identifier('a variable')
  p.expect('IN')
  const reverse = p.at('REVERSE') && !p.at('DO', 1) && !p.at('LOOP', 1) && p.accept('REVERSE')
  const first = p.rules.expression(p)
  const high = p.accept('TO') ? p.rules.expression(p) : undefined
  if (reverse && high === undefined) p.fail('TO')
  const range = high === undefined ? undefined : { low: first, high }
  const rows = high === undefined ? first : undefined
  const { statements, label } = doBody(p, 'FOR', list)
  return { kind: 'ForLoop', span: p.span(start), variable, reverse, range, rows, statements, label }
}

export function loop(p: Parser, type: Loop['type'], list: StatementList): Loop {
  const start = p.index
  p.expect(type)
  const before = type === 'WHILE' ? parenthesisedCondition(p) : undefined
  const { statements, label, until } = loopBody(p, type, list)
  const condition = before ?? until
  return { kind: 'Loop', span: p.span(start), type, condition, statements, label }
}

function loopBody(p: Parser, type: Loop['type'], list: StatementList) {
  if (type === 'WHILE') return { ...doBody(p, type, list), until: undefined }
  const statements = list(p)
  if (type === 'REPEAT') p.expect('UNTIL')
  const until = type === 'REPEAT' ? parenthesisedCondition(p) : undefined
  p.expect('END', type)
  return { statements, label: labelAt(p), until }
}

/** `DO … END FOR`, or `LOOP … END LOOP`. */
function doBody(p: Parser, word: 'FOR' | 'WHILE', list: StatementList) {
  const closer = p.accept('LOOP') ? 'LOOP' : word
  if (closer === word) p.expect('DO')
  const statements = list(p)
  p.expect('END', closer)
  return { statements, label: labelAt(p) }
}

const breaks: ReadonlySet<string> = new Set(['BREAK', 'EXIT'])

export function jump(p: Parser): Jump {
  const start = p.index
  const type = p.atAny(breaks) ? 'BREAK' : 'CONTINUE'
  p.keywords(1)
  const label = labelAt(p)
  return { kind: 'Jump', span: p.span(start), type, label }
}

/** The label of a loop or block, behind its END. The documentation calls loops INNER and OUTER. */
export function labelAt(p: Parser): Identifier | undefined {
  const named = (p.atIdentifier() && !p.at('END')) || p.at('INNER')
  return named && atEnd(p, 1) ? p.anyIdentifier('a label') : undefined
}
