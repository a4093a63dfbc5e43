import { Dialect, tokenize } from '@polyglot-sql/sdk'
import { SnowflakeError, syntaxError } from '../engine/errors.ts'

export interface Token {
  /** Upper-case text for words; the unescaped content for strings and quoted identifiers. */
  readonly text: string
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** UTF-16 offsets into the statement. */
  readonly start: number
  readonly end: number
  readonly line: number
  /** Zero-based column of the first character, as Snowflake's messages count it. */
  readonly position: number
}

interface RawToken {
  readonly token_type: string
  readonly text: string
  readonly span: {
    readonly start: number
    readonly end: number
    readonly line: number
    readonly column: number
  }
}

const kinds: Readonly<Record<string, Token['kind']>> = {
  QUOTED_IDENTIFIER: 'quoted',
  STRING: 'string',
  DOLLAR_STRING: 'string',
  NUMBER: 'number',
}

/** The tokenizer counts code points; JavaScript strings count UTF-16 units. */
function unitOffsets(sql: string): (codePoint: number) => number {
  if (!/[\u{10000}-\u{10ffff}]/u.test(sql)) return (offset) => offset
  const offsets: number[] = []
  let units = 0
  for (const character of sql) {
    offsets.push(units)
    units += character.length
  }
  offsets.push(units)
  return (offset) => offsets[offset] ?? units
}

/** @throws SnowflakeError 001003 for an unterminated string or comment. */
export function tokens(sql: string): readonly Token[] {
  const result = tokenize(sql, Dialect.Snowflake)
  // The published types say `tokenType`; the WASM module answers `token_type`.
  const raw = result.tokens as unknown as readonly RawToken[] | null | undefined
  if (!result.success || raw === null || raw === undefined) {
    throw syntaxError(result.errorLine ?? 1, Math.max(0, (result.errorColumn ?? 1) - 1), '<EOF>')
  }
  const unit = unitOffsets(sql)
  const all = raw.map((token): Token => {
    const start = unit(token.span.start)
    const end = unit(token.span.end)
    const kind = kinds[token.token_type] ?? (/^[A-Za-z_]/.test(token.text) ? 'word' : 'symbol')
    return {
      text: kind === 'word' ? token.text.toUpperCase() : token.text,
      kind,
      start,
      end,
      line: token.span.line,
      position: Math.max(0, token.span.column - 1 - (token.span.end - token.span.start)),
    }
  })
  return all.flatMap(apart)
}

/** The tokenizer takes the marker of a bind and the cast behind it for one operator. */
function apart(token: Token): readonly Token[] {
  if (token.text !== '?::' || token.kind !== 'symbol') return [token]
  const end = token.start + 1
  const cast = { start: end, position: token.position + 1 }
  return [
    { ...token, text: '?', end },
    { ...token, text: '::', ...cast },
  ]
}

/** The statement's tokens without a trailing semicolon; an error if a second statement follows. */
export function singleStatement(sql: string): readonly Token[] {
  const all = [...tokens(sql)]
  const ends = (token: Token | undefined) => token?.kind === 'symbol' && token.text === ';'
  while (ends(all.at(-1))) all.pop()
  if (all.some(ends)) {
    const count = all.filter(ends).length + 1
    throw new SnowflakeError(
      '000008',
      '0A000',
      `Actual statement count ${count} did not match the desired statement count 1.`,
    )
  }
  if (all.length === 0)
    throw new SnowflakeError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.')
  return all
}

/** Walks a statement's tokens; for the few statements parsed here by hand (SHOW, USE, ALTER …). */
export class Cursor {
  readonly sql: string
  readonly tokens: readonly Token[]
  index = 0

  constructor(sql: string, list: readonly Token[]) {
    this.sql = sql
    this.tokens = list
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.index + ahead]
  }

  /** Takes the words if all of them come next, in this order. */
  take(...words: readonly string[]): boolean {
    const matches = words.every((word, offset) => {
      const token = this.peek(offset)
      return (
        token !== undefined &&
        token.kind !== 'string' &&
        token.kind !== 'quoted' &&
        token.text === word
      )
    })
    if (matches) this.index += words.length
    return matches
  }

  next(): Token {
    const token = this.peek()
    if (token === undefined) throw this.unexpected()
    this.index += 1
    return token
  }

  string(): string {
    const token = this.next()
    if (token.kind !== 'string') throw this.unexpected(-1)
    return token.text
  }

  /** A possibly qualified name: unquoted parts folded to upper case. */
  qualifiedName(): readonly string[] {
    const parts = [this.identifier()]
    while (this.take('.')) parts.push(this.identifier())
    return parts
  }

  identifier(): string {
    const token = this.next()
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.unexpected(-1)
    return token.text
  }

  end(): void {
    if (this.peek() !== undefined) throw this.unexpected()
  }

  unexpected(offset = 0): SnowflakeError {
    const token = this.peek(offset)
    const last = this.tokens.at(-1)
    return token === undefined
      ? syntaxError(last?.line ?? 1, this.sql.length, '<EOF>')
      : syntaxError(token.line, token.position, this.sql.slice(token.start, token.end))
  }
}
