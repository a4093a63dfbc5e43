/** How many statements a text holds. Blocks of Snowflake Scripting count as one. */

import type { Token } from '../token.ts'

/** Words that open something closed by END, inside a block. */
const openers = new Set(['BEGIN', 'CASE'])
/** `END IF` and its like close what has no opener here. */
const closedByName = new Set(['IF', 'FOR', 'WHILE', 'LOOP', 'REPEAT'])
const transactionWords = new Set(['WORK', 'TRANSACTION', 'NAME'])

export interface Split {
  readonly count: number
  /** Index behind the last token of the first statement. */
  readonly end: number
}

export function splitStatements(tokens: readonly Token[]): Split {
  let count = 0
  let end = 0
  let begun = -1
  let depth = 0
  let declaring = false
  for (let index = 0; index <= tokens.length; index += 1) {
    const token = tokens[index]
    const word = token?.type === 'word' ? token.value : ''
    const boundary = token === undefined || (token.type === 'symbol' && token.value === ';')
    if (token === undefined || (boundary && depth === 0 && !declaring)) {
      if (begun !== -1) {
        count += 1
        if (count === 1) end = index
      }
      begun = -1
      continue
    }
    if (boundary) continue
    if (begun === -1) begun = index
    if (word === 'DECLARE' && begun === index) declaring = true
    const next = tokens[index + 1]
    if (openers.has(word) && (depth > 0 || declaring || opensBlock(word, next))) {
      depth += 1
      declaring = false
    } else if (word === 'END' && depth > 0 && !closedByName.has(next?.value ?? '')) {
      depth -= 1
    }
  }
  return { count, end }
}

/** BEGIN alone or of a transaction opens nothing; nor does CASE outside a block hold a `;`. */
function opensBlock(word: string, next: Token | undefined): boolean {
  return (
    word === 'BEGIN' &&
    next !== undefined &&
    next.value !== ';' &&
    !(next.type === 'word' && transactionWords.has(next.value))
  )
}
