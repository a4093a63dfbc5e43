/** Lexemes. Comments are not tokens: what runs upstream has none. */

export type TokenType =
  'word' | 'quoted' | 'string' | 'binary' | 'number' | 'variable' | 'positional' | 'path' | 'symbol'

export interface Token {
  readonly type: TokenType
  /** Offsets into the text, `[start, end)`, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /**
   * Words folded to upper case; quoted identifiers and strings decoded; `$name` and `$1` without
   * the `$`; everything else as written.
   */
  readonly value: string
}

export interface Lexed {
  readonly text: string
  readonly tokens: readonly Token[]
  /** For each opening bracket the index of the token that closes it, else -1. */
  readonly partners: Int32Array
}
