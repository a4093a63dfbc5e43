/** Symbols, and words that may touch a string. */

const symbols = '->> -> => :: := <= <> >= != || ** ( ) [ ] { } , . ; : + - * / % = < > ? | ^'.split(
  ' ',
)

const byFirstCode: (readonly string[])[] = []
for (const symbol of symbols) {
  const code = symbol.charCodeAt(0)
  byFirstCode[code] = [...(byFirstCode[code] ?? []), symbol].sort((a, b) => b.length - a.length)
}

/** The symbol at an offset, the longest that fits; undefined where none begins. */
export function symbolAt(text: string, at: number): string | undefined {
  const candidates = byFirstCode[text.charCodeAt(at)]
  if (candidates === undefined) return undefined
  for (const symbol of candidates) {
    if (symbol.length === 1 || text.startsWith(symbol, at)) return symbol
  }
  return undefined
}

export const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** Words that may touch the string after them; any other is taken for a prefix such as r'…'. */
export const stringKeywords: ReadonlySet<string> = new Set(
  `ALL AND ANY AS BETWEEN BY CASE COLLATE COMMENT DATE ELSE ESCAPE FROM ILIKE IN INTERVAL LIKE LIMIT
  NOT ON OR PATTERN REGEXP RETURN RLIKE SELECT SET THEN TIME TIMESTAMP TIMESTAMP_LTZ TIMESTAMP_NTZ
  TIMESTAMP_TZ TO USING VALUES WHEN WITH`.split(/\s+/),
)
