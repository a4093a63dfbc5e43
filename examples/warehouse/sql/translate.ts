import { Dialect, generate, parse, transpile } from '@polyglot-sql/sdk'
import { SnowflakeError, syntaxError } from '../engine/errors.ts'
import { datePart, macroFunctions, partFunctions } from './functions.ts'
import { tokens, type Token } from './tokens.ts'
import { isNode, type Tree, type TreeNode } from './tree.ts'

/** The macro that answers calls of a function by this name, if it is one of the catalogue's. */
export type MacroOf = (parts: readonly string[]) => string | undefined

/**
 * Renames the calls that our macros answer: `SPLIT_PART(` → `SF_SPLIT_PART(`, and those of SQL
 * functions by the names that they have in the catalogue.
 */
export function renameFunctions(
  sql: string,
  all: readonly Token[],
  macroOf: MacroOf = () => undefined,
): string {
  let output = ''
  let copied = 0
  const replace = (token: Token, text: string): void => {
    output += sql.slice(copied, token.start) + text
    copied = token.end
  }
  all.forEach((token, index) => {
    const called = calledName(all, index)
    const macro = called === undefined ? undefined : macroOf(called.parts)
    if (macro !== undefined && called !== undefined && called.first.start >= copied) {
      output += sql.slice(copied, called.first.start) + macro
      copied = token.end
      return
    }
    const isCall = all[index + 1]?.text === '(' && all[index - 1]?.text !== '.'
    if (token.kind !== 'word' || !isCall) return
    const withPart = Object.hasOwn(partFunctions, token.text)
      ? partFunctions[token.text]
      : undefined
    if (withPart !== undefined) {
      replace(token, withPart)
      const part = all[index + 2]
      if (part?.kind === 'word' || part?.kind === 'string')
        replace(part, `'${datePart(part.text)}'`)
    } else if (macroFunctions.has(token.text)) replace(token, `SF_${token.text}`)
  })
  return output + sql.slice(copied)
}

/** The dotted name that ends at `index` and is followed by `(`. */
function calledName(
  all: readonly Token[],
  index: number,
): { readonly parts: readonly string[]; readonly first: Token } | undefined {
  let first = all[index]
  if (all[index + 1]?.text !== '(' || first === undefined || !isName(first)) return undefined
  const parts = [first.text]
  for (let at = index - 1; all[at]?.text === '.'; at -= 2) {
    const before = all[at - 1]
    if (before === undefined || !isName(before)) break
    parts.unshift(before.text)
    first = before
  }
  // CREATE FUNCTION names it without calling it.
  if (all[index - 2 * parts.length + 1]?.text === 'FUNCTION') return undefined
  return { parts, first }
}

const isName = ({ kind }: Token): boolean => kind === 'word' || kind === 'quoted'

/** @throws SnowflakeError 001003 with line and position. */
export function parseStatement(sql: string): TreeNode {
  const result = parse(sql, Dialect.Snowflake) as {
    success: boolean
    ast: Tree
    errorLine?: number
    errorColumn?: number
    errorStart?: number
  }
  const statement = Array.isArray(result.ast) ? (result.ast as readonly Tree[])[0] : undefined
  if (result.success && isNode(statement)) return statement
  throw syntaxErrorAt(sql, result.errorStart)
}

function syntaxErrorAt(sql: string, start: number | undefined): SnowflakeError {
  const token = tokens(sql).find((candidate) => candidate.start === start)
  if (token === undefined) return syntaxError(1, sql.length, '<EOF>')
  return syntaxError(token.line, token.position, sql.slice(token.start, token.end))
}

/** The tree as Snowflake text. */
export function toSnowflake(tree: TreeNode): string {
  const text = generate([tree], Dialect.Snowflake).sql?.[0]
  if (text === undefined) throw new SnowflakeError('000002', '0A000', 'Unsupported statement.')
  return text
}

/** The tree as one DuckDB statement. */
export function toDuck(tree: TreeNode): string {
  const result = transpile(toSnowflake(tree), Dialect.Snowflake, Dialect.DuckDB)
  const sql = result.sql?.[0]
  if (!result.success || sql === undefined) {
    throw new SnowflakeError('000002', '0A000', `Unsupported statement: ${result.error ?? ''}`)
  }
  return sql
}
