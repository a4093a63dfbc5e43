/** Bytes to lines, wherever the network cut them. */

import { StringDecoder } from 'node:string_decoder'
import { localError } from './kube-error.ts'

/** Twice what etcd takes as one object, as JSON may be wider than what is stored. */
const mostCharacters = 4_194_304

/**
 * Whole lines, empty ones left out. What comes after the last newline is dropped: it is a line of
 * which the rest was lost. `heard` is called for every piece.
 */
export async function* lines(
  bytes: AsyncIterable<Buffer>,
  heard: () => void,
): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const piece of bytes) {
    heard()
    const parts = (rest + decoder.write(piece)).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > mostCharacters) {
      throw localError('Garbled', `a line is longer than ${mostCharacters} characters`)
    }
    for (const line of parts) if (line.trim() !== '') yield line
  }
}
