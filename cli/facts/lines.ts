/** Lines of a stream of bytes. Only LF ends one: JSON strings may hold every other line end. */

/** Characters of one line; more is a mistake, and would fill the memory. */
export const longestLine = 16 * 1024 * 1024

/** Each line without its LF, the last one also without any; null for one that is too long. */
export async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  const decoder = new TextDecoder()
  let open: string[] = []
  let length = 0
  const take = (): string | null => {
    const line = length > longestLine ? null : open.join('')
    open = []
    length = 0
    return line
  }
  for await (const chunk of bytes) {
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n')
    const add = (piece: string): void => {
      length += piece.length
      if (length <= longestLine) open.push(piece)
    }
    add(first)
    for (const piece of rest) {
      yield take()
      add(piece)
    }
  }
  // A character that the end cut off must not vanish.
  const cut = decoder.decode()
  length += cut.length
  open.push(cut)
  if (length > 0) yield take()
}
