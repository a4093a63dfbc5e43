import { tokens } from './tokens.ts'

/** The statements of a text, without their semicolons; empty ones are left out. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  let from: number | undefined
  let to = 0
  for (const token of tokens(sql)) {
    if (token.kind === 'symbol' && token.text === ';') {
      if (from !== undefined) statements.push(sql.slice(from, to))
      from = undefined
    } else {
      from ??= token.start
      to = token.end
    }
  }
  if (from !== undefined) statements.push(sql.slice(from, to))
  return statements
}
