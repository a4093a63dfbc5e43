/** Lexemes. Comments are not tokens: what runs upstream has none. */

export type TokenType =
  | 'word'
  | 'quoted'
  | 'string'
  | 'binary'
  | 'number'
  | 'variable'
  | 'positional'
  | 'stage'
  | 'path'
  | 'symbol'

export interface Token {
  readonly type: TokenType
  /** Offsets into the text, `[start, end)`, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /**
   * Words folded to upper case; quoted identifiers and strings decoded; `$name` and `$1` without
   * the `$`; everything else as written: `@db.s.stage/path`, `file:///tmp/x`, numbers, symbols.
   */
  readonly value: string
  /**
   * `value` of a word or a symbol, else empty. What the grammar compares with: no quoted identifier
   * or string can pass for a keyword.
   */
  readonly keyword: string
}

export interface Lexed {
  readonly text: string
  readonly tokens: readonly Token[]
  /** For each opening bracket the index of the token that closes it, else -1. */
  readonly partners: Int32Array
}
