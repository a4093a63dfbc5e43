/**
 * The cursor that all grammar files share. It only moves forward, so work is linear in tokens, and
 * it remembers what each token was used for, so that `accounting.ts` can prove none was dropped.
 */

import { FrostgateError } from '../../errors.ts'
import type { Expression, Identifier, ObjectName, Query, Span, TableArgument } from '../ast.ts'
import { limits, tooLarge } from '../lexer/limits.ts'
import { positionAt } from '../position.ts'
import type { Position } from '../position.ts'
import type { Parsed } from '../parsed.ts'
import type { Statement } from '../statements/table.ts'
import type { Lexed, Token } from '../token.ts'
import { isReserved } from './keywords.ts'

/** Rules that refer to each other across files; bound late, so that files import one way. */
export interface Rules {
  expression(p: Parser): Expression
  /** What stands on one side of a comparison: binds tighter than IN and AND. */
  operand(p: Parser): Expression
  /** One value without operators: a number, a variable, a bind. */
  count(p: Parser): Expression
  query(p: Parser): Query
  /** `TABLE(t)` or `TABLE(SELECT …)` as an argument. */
  tableArgument(p: Parser): TableArgument
  /** A query whose first arm, in parentheses from token `start`, is read already. */
  queryFrom(p: Parser, start: number, first: Query): Query
  /** Any statement, chains included: inside blocks and tasks. */
  statement(p: Parser): Statement
  /** A statement that is no `->>` chain: a link of one, or what EXPLAIN is about. */
  link(p: Parser): Statement
  /** SQL in a string, which has tokens of its own; `depth` counts strings inside strings. */
  code(text: string, language: CodeKind, depth: number): readonly Parsed[]
}

/** What SQL in a string may be: statements, or what a SQL function returns. */
export type CodeKind = 'statements' | 'function'

/** `IDENTIFIER('a.b')` and its like, and the name they spell. */
export interface Spelled {
  readonly span: Span
  readonly text: string
}

export const KEYWORD = 1
const ATTRIBUTED = 2

export class Parser {
  readonly text: string
  readonly tokens: readonly Token[]
  readonly partners: Int32Array
  readonly rules: Rules
  readonly end: number
  /** By token: KEYWORD, ATTRIBUTED for text (see `takeText`), 0 for leaves of the tree. */
  readonly uses: Uint8Array
  readonly spelled: Spelled[] = []
  /** How many strings of code this text stands in. */
  readonly codeDepth: number
  index = 0
  /** Links of a `->>` chain that are read already: as many results can be named. */
  links = 0
  /** The last PRIOR or CONNECT_BY_ROOT that no CONNECT BY was found for yet, else -1. */
  prior = -1
  private depth = 0
  private questionMarks = 0

  constructor(lexed: Lexed, rules: Rules, codeDepth = 0) {
    this.text = lexed.text
    this.tokens = lexed.tokens
    this.partners = lexed.partners
    this.rules = rules
    this.codeDepth = codeDepth
    this.end = lexed.tokens.length
    this.uses = new Uint8Array(this.end)
  }

  /** The token `distance` ahead, undefined past the end. */
  peek(distance = 0): Token | undefined {
    return this.tokens[this.index + distance]
  }

  type(distance = 0): Token['type'] | undefined {
    return this.peek(distance)?.type
  }

  /** Is the token this keyword or symbol? Never true of a quoted identifier or a string. */
  at(value: string, distance = 0): boolean {
    return this.tokens[this.index + distance]?.keyword === value
  }

  atAny(values: ReadonlySet<string>, distance = 0): boolean {
    const token = this.tokens[this.index + distance]
    return token !== undefined && values.has(token.keyword)
  }

  /** Are the next tokens these keywords or symbols? */
  ahead(...values: readonly string[]): boolean {
    let distance = 0
    for (const value of values) {
      if (!this.at(value, distance)) return false
      distance += 1
    }
    return true
  }

  /** Consumes these keywords or symbols if all of them come next. */
  accept(...values: readonly string[]): boolean {
    if (!this.ahead(...values)) return false
    this.keywords(values.length)
    return true
  }

  expect(...values: readonly string[]): void {
    for (const value of values) if (!this.accept(value)) this.fail(value)
  }

  /** Consumes the next `count` tokens as keywords or symbols. */
  keywords(count: number): void {
    for (let taken = 0; taken < count; taken += 1) this.uses[this.index + taken] = KEYWORD
    this.index += count
  }

  /** Consumes one token that becomes a leaf of the tree. */
  take(expected: string): Token {
    const token = this.peek()
    if (token === undefined) return this.fail(expected)
    this.index += 1
    return token
  }

  /**
   * Consumes one token that a node keeps as text only; of keys in a path, repetitions in a row
   * pattern and AUTOINCREMENT numbers not even that, since they change nothing that is touched.
   */
  takeText(expected: string): Token {
    const token = this.take(expected)
    this.uses[this.index - 1] = ATTRIBUTED
    return token
  }

  /** The span from `start` to here. */
  span(start: number): Span {
    return { start, end: this.index }
  }

  enter(): void {
    this.depth += 1
    if (this.depth > limits.nesting) throw tooLarge(`nesting deeper than ${limits.nesting}`)
  }

  leave(levels = 1): void {
    this.depth -= levels
  }

  nextQuestionMark(): string {
    this.questionMarks += 1
    return String(this.questionMarks)
  }

  atIdentifier(distance = 0): boolean {
    const token = this.peek(distance)
    return token?.type === 'quoted' || (token?.type === 'word' && !isReserved(token.value))
  }

  identifier(expected: string): Identifier {
    if (!this.atIdentifier()) this.fail(expected)
    return this.anyIdentifier(expected)
  }

  /** Also accepts reserved words: for places where nothing but a name can stand. */
  anyIdentifier(expected: string): Identifier {
    const start = this.index
    const token = this.peek()
    if (token?.type !== 'quoted' && token?.type !== 'word') return this.fail(expected)
    this.index += 1
    const quoted = token.type === 'quoted'
    return { kind: 'Identifier', span: this.span(start), value: token.value, quoted }
  }

  /** `a`, `a.b`, `a..c` or `a.b.c`, and no more. */
  objectName(expected: string): ObjectName {
    const start = this.index
    const parts = [this.identifier(expected)]
    if (this.atPublic()) parts.push(this.publicSchema())
    while (parts.length < 3 && this.accept('.')) parts.push(this.identifier('a name after "."'))
    return { kind: 'ObjectName', span: this.span(start), parts }
  }

  /** Between a database and the two dots of `db..t`, which means `db.PUBLIC.t`. */
  atPublic(): boolean {
    return this.at('.') && this.at('.', 1)
  }

  /**
   * The schema that no token spells; leaves the second dot to be read.
   * https://docs.snowflake.com/en/sql-reference/name-resolution
   */
  publicSchema(): Identifier {
    this.keywords(1)
    return { kind: 'Identifier', span: this.span(this.index), value: 'PUBLIC', quoted: false }
  }

  list<T>(item: () => T): T[] {
    const items = [item()]
    while (this.accept(',')) items.push(item())
    return items
  }

  position(index = this.index): Position {
    const token = index < this.end ? this.tokens[index] : undefined
    const last = this.tokens[this.end - 1]
    return positionAt(this.text, token?.start ?? last?.end ?? 0)
  }

  fail(expected: string, found = this.found()): never {
    const position = this.position()
    throw FrostgateError.of('SqlSyntax', { ...position, found, expected }, position)
  }

  private found(): string {
    const token = this.peek()
    if (token === undefined) return 'end of the statement'
    if (token.type === 'string' || token.type === 'binary') return 'a string'
    const raw = this.text.slice(token.start, token.end)
    return raw.length > 60 ? `${raw.slice(0, 60)}…` : `"${raw}"`
  }
}
