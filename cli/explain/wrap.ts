/** Long text on a terminal. */

/**
 * Breaks at spaces outside of quotes, so that SQL may be pasted from the terminal: a line end never
 * falls inside a literal or a quoted name.
 */
export function wrapSql(sql: string, width: number): readonly string[] {
  const words = sql.match(/(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$[^]*?\$\$|[^\s'"])+/g) ?? []
  return fill(words, width)
}

/** Breaks prose at spaces. */
export function wrapText(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => fill(line.split(/ +/), width))
}

function fill(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width || line === '') line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

/** Without anything that could steer a terminal or turn text around; spaces stay as they are. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
}
