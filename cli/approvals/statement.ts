/**
 * A statement over several lines, for people. Only white space between its lexemes differs from what
 * was asked, which is proven for each text; where it cannot be, the text is shown as it is.
 */

import { tokenize } from '../../sidecar/sql/lexer.ts'
import type { Token } from '../../sidecar/sql/token.ts'
import { visibleText } from '../../sidecar/statement/visible-text.ts'

export interface LaidOut {
  /** Everything in them is visible. */
  readonly lines: readonly string[]
  /** False: its lexemes could not be told, so that its own lines stand as they are. */
  readonly laidOut: boolean
}

export function layOut(statement: string): LaidOut {
  const before = lexemes(statement)
  const text = before === undefined ? undefined : written(before)
  const after = text === undefined ? undefined : lexemes(text)
  const same = before !== undefined && after !== undefined && sameLexemes(before, after)
  return {
    lines: visibleText(same && text !== undefined ? text : statement).split('\n'),
    laidOut: same,
  }
}

/** A token or a comment. */
interface Lexeme {
  readonly text: string
  /** Empty for what is no word or symbol. */
  readonly keyword: string
  readonly comment: boolean
  /** Whether white space stands before it. */
  readonly apart: boolean
}

/** Undefined where the text is none that the lexer reads. */
export function lexemes(text: string): readonly Lexeme[] | undefined {
  let tokens: readonly Token[]
  try {
    ;({ tokens } = tokenize(text))
  } catch {
    return undefined
  }
  const found: Lexeme[] = []
  let end = 0
  for (const token of [...tokens, undefined]) {
    const gap = text.slice(end, token?.start)
    const comment = gap.trim()
    if (comment !== '') found.push({ text: comment, keyword: '', comment: true, apart: true })
    if (token === undefined) break
    const { start, keyword } = token
    const apart = gap !== ''
    found.push({ text: text.slice(start, token.end), keyword, comment: false, apart })
    end = token.end
  }
  return found
}

function sameLexemes(before: readonly Lexeme[], after: readonly Lexeme[]): boolean {
  return (
    before.length === after.length && before.every(({ text }, index) => text === after[index]?.text)
  )
}

/** Begin a line in a query or in what changes rows; a word may need one of these around it. */
const clauses: Readonly<Record<string, (before: string, after: string, first: string) => boolean>> =
  {
    SELECT: () => true,
    FROM: (before) => before !== 'DELETE' && before !== 'DISTINCT',
    WHERE: () => true,
    GROUP: (_before, after) => after === 'BY',
    ORDER: (_before, after) => after === 'BY',
    HAVING: () => true,
    QUALIFY: () => true,
    LIMIT: () => true,
    OFFSET: () => true,
    FETCH: () => true,
    UNION: () => true,
    INTERSECT: () => true,
    EXCEPT: (before) => before !== '*',
    MINUS: () => true,
    VALUES: () => true,
    SET: (_before, _after, first) => first === 'UPDATE',
    USING: (_before, _after, first) => first === 'MERGE',
    WHEN: (_before, _after, first) => first === 'MERGE',
    JOIN: (before) => !joins.has(before),
    ...Object.fromEntries(
      ['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL', 'ASOF'].map((word) => [
        word,
        (before: string, after: string) => joins.has(after) && !joins.has(before),
      ]),
    ),
  }
const joins = new Set(
  ['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL', 'ASOF', 'OUTER', 'LATERAL'],
) // prettier-ignore
/** Begin a line further in. */
const conditions = new Set(['AND', 'OR', 'ON'])
/** Statements that are laid out from their first word on; others from a query in them on. */
const verbs = new Set(['SELECT', 'WITH', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', '('])
const step = '  '
/** Columns of a line that is not broken at its commas. */
const longest = 72

/** What is written so far, and the brackets that are open there. */
interface State {
  text: string
  column: number
  /** Clauses are told from here on. */
  told: boolean
  cases: number
  betweens: number
  /** True for one that holds a query over several lines. */
  readonly brackets: boolean[]
}

/** Breaks lines where white space or a bracket stands; adds and removes nothing else. */
function written(all: readonly Lexeme[]): string {
  const told = verbs.has(all[0]?.keyword ?? '')
  const state: State = { text: '', column: 0, told, cases: 0, betweens: 0, brackets: [] }
  all.forEach((lexeme, index) => {
    const indent = indentOf(all, index, state)
    if (indent !== undefined && state.text !== '') {
      state.text += `\n${step.repeat(indent)}`
      state.column = indent * step.length
    } else if (lexeme.apart && state.text !== '') {
      state.text += ' '
      state.column += 1
    }
    state.text += lexeme.text
    state.column += lexeme.text.length
    follow(all, index, state)
  })
  return state.text
}

/** Of the line that a lexeme begins; undefined where it goes on with one. */
function indentOf(all: readonly Lexeme[], index: number, state: State): number | undefined {
  const lexeme = all[index]
  const before = all[index - 1]
  if (lexeme === undefined || before === undefined) return undefined
  const depth = state.brackets.filter((open) => open).length
  const innermost = state.brackets.at(-1)
  // A comment that ends a line must be followed by one.
  if (lexeme.comment || before.comment) return depth
  if (before.keyword === '(' && innermost === true) return depth
  if (lexeme.keyword === ')' && innermost === true) return depth - 1
  if (!lexeme.apart) return undefined
  if (before.keyword === ';') return depth
  const { length } = lexeme.text
  if (before.keyword === ',' && state.column + length > longest) return depth + 1
  if (!state.told || innermost === false || state.cases > 0) return undefined
  const condition = conditions.has(lexeme.keyword) && state.betweens === 0
  if (condition) return depth + 1
  if (!Object.hasOwn(clauses, lexeme.keyword)) return undefined
  const [after = '', first = ''] = [all[index + 1]?.keyword, all[0]?.keyword]
  return clauses[lexeme.keyword]?.(before.keyword, after, first) === true ? depth : undefined
}

/** What a lexeme opens and closes. */
function follow(all: readonly Lexeme[], index: number, state: State): void {
  const keyword = all[index]?.keyword
  const next = all[index + 1]?.keyword
  const query = next === 'SELECT' || next === 'WITH'
  if (keyword === '(') state.brackets.push(query && isLong(all, index))
  else if (keyword === ')') state.brackets.pop()
  else if (keyword === 'CASE') state.cases += 1
  else if (keyword === 'END') state.cases = Math.max(0, state.cases - 1)
  else if (keyword === 'BETWEEN') state.betweens += 1
  else if (keyword === 'AND') state.betweens = Math.max(0, state.betweens - 1)
  else if (keyword === 'SELECT' || keyword === 'WITH')
    state.told ||= all[index - 1]?.keyword === 'AS'
}

/** Whether a bracket holds more than goes well on a line. */
function isLong(all: readonly Lexeme[], from: number): boolean {
  let [length, depth] = [0, 0]
  for (let at = from; length <= longest / 2; at += 1) {
    const lexeme = all[at]
    if (lexeme === undefined) return false
    length += lexeme.text.length + 1
    depth += Number(lexeme.keyword === '(') - Number(lexeme.keyword === ')')
    if (depth === 0) return false
  }
  return true
}
