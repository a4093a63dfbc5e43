/** Offsets as people count them. */

export interface Position {
  readonly line: number
  readonly column: number
}

/** Line and column of an offset, both counted from 1; columns in UTF-16 units. */
export function positionAt(text: string, offset: number): Position {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1
    lineStart = at + 1
  }
  return { line, column: offset - lineStart + 1 }
}
