/** The statements of a block, each with its `;`. */

import type { ScriptStatement, ScriptStatements } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { caseStatement, ifStatement } from './branches.ts'
import { cursorStatement } from './cursor.ts'
import { letDeclaration } from './declaration.ts'
import { forLoop, jump, loop } from './loops.ts'
import {
  asyncStatement,
  atSystemCall,
  jobStatement,
  nullStatement,
  raise,
  returnStatement,
  systemStatement,
} from './simple.ts'
import { assignment, atAssignment } from './value.ts'

type Rule = (p: Parser) => ScriptStatement

/** By first word. All other statements are SQL. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['LET', letDeclaration],
  ['IF', (p) => ifStatement(p, statementList)],
  ['CASE', (p) => caseStatement(p, statementList)],
  ['FOR', (p) => forLoop(p, statementList)],
  ['WHILE', (p) => loop(p, 'WHILE', statementList)],
  ['REPEAT', (p) => loop(p, 'REPEAT', statementList)],
  ['LOOP', (p) => loop(p, 'LOOP', statementList)],
  ['BREAK', jump],
  ['EXIT', jump],
  ['CONTINUE', jump],
  ['ITERATE', jump],
  ['OPEN', cursorStatement],
  ['FETCH', cursorStatement],
  ['CLOSE', cursorStatement],
  ['RETURN', returnStatement],
  ['RAISE', raise],
  ['NULL', nullStatement],
  ['AWAIT', jobStatement],
  ['CANCEL', jobStatement],
  ['ASYNC', asyncStatement],
])

/** Words that end a list of statements where one could begin. */
const terminators: ReadonlySet<string> = new Set([
  ...['END', 'EXCEPTION', 'ELSE', 'ELSEIF', 'WHEN', 'UNTIL'],
])

/** One or more statements, up to the word that ends them. */
export function statementList(p: Parser): ScriptStatements {
  p.enter()
  const found: ScriptStatement[] = []
  do {
    found.push(scriptStatement(p))
    // The last `;` of a text is no token of it.
    if (p.index < p.end) p.expect(';')
  } while (p.index < p.end && (!p.atAny(terminators) || atAssignment(p)))
  p.leave()
  return found
}

export function scriptStatement(p: Parser): ScriptStatement {
  // A variable may be called like a statement.
  if (atAssignment(p)) return assignment(p)
  if (atSystemCall(p)) return systemStatement(p)
  const first = p.peek()
  const rule = first?.type === 'word' ? rules.get(first.value) : undefined
  return rule === undefined ? p.rules.statement(p) : rule(p)
}
