/** Which `;` of a text stand inside a block of Snowflake Scripting. */

import type { Token } from '../token.ts'

/**
 * What is open: a block, its declarations, or a statement of it that holds others. `Header` is FOR
 * or WHILE before DO, `Until` a REPEAT behind its condition; `Case` is an expression.
 */
type Frame = 'Declare' | 'Block' | 'If' | 'CaseStatement' | 'Header' | 'Loop' | 'Until' | 'Case'

const none = { keyword: '' } as const
const transactionWords: ReadonlySet<string> = new Set([';', '', 'WORK', 'TRANSACTION', 'NAME'])
/** Statements that hold others, by first word. */
const openers: ReadonlyMap<string, Frame> = new Map([
  ['DECLARE', 'Declare'],
  // On its own it is a statement to the end of the text; in a block it opens nothing.
  ['EXCEPTION', 'Block'],
  ['IF', 'If'],
  ['CASE', 'CaseStatement'],
  ['FOR', 'Header'],
  ['WHILE', 'Header'],
  ['LOOP', 'Loop'],
  ['REPEAT', 'Loop'],
])
/** Behind these words of such frames a statement begins. */
const introducers: ReadonlyMap<string, ReadonlySet<Frame>> = new Map<string, ReadonlySet<Frame>>([
  // THEN of an EXCEPTION section is in the block itself.
  ['THEN', new Set(['If', 'CaseStatement', 'Block'])],
  ['DO', new Set(['Header'])],
  ['LOOP', new Set(['Header'])],
])
/** Objects whose definition may be a block that is no string. */
const bodied: ReadonlySet<string> = new Set(['PROCEDURE', 'FUNCTION', 'TASK', 'ALERT'])
const bodyIntroducers: ReadonlySet<string> = new Set(['AS', 'THEN', 'ACTION'])
/** Behind an alias or a column called BEGIN. */
const behindName: ReadonlySet<string> = new Set([',', ';', ')', '.', 'FROM', ''])
/** Words from CREATE to the class of the object, OR REPLACE and the like between. */
const headLength = 8

/** Does the token open a block, the statement having begun at `first`? */
export function opensBlock(tokens: readonly Token[], first: number, index: number): boolean {
  const { keyword } = tokens[index] ?? none
  if (index === first)
    return keyword === 'BEGIN' ? beginsBlock(tokens, index) : openers.has(keyword)
  if (keyword !== 'BEGIN' && keyword !== 'DECLARE') return false
  if (!bodyIntroducers.has((tokens[index - 1] ?? none).keyword)) return false
  if (behindName.has((tokens[index + 1] ?? none).keyword) && !atName(tokens[index + 1]))
    return false
  const head = tokens.slice(first, Math.min(first + headLength, index))
  return head.some((token) => bodied.has(token.keyword))
}

/** BEGIN alone and BEGIN TRANSACTION begin no block. */
function beginsBlock(tokens: readonly Token[], index: number): boolean {
  const next = tokens[index + 1]
  return atName(next) || !transactionWords.has((next ?? none).keyword)
}

/** A quoted name or another token that is neither word nor symbol. */
function atName(token: Token | undefined): boolean {
  return token !== undefined && token.keyword === ''
}

/** Follows the tokens outside brackets, from the one that opens a block. */
export class BlockDepth {
  private readonly tokens: readonly Token[]
  private readonly frames: Frame[] = []
  /** Where the statement that is being read began; of the block, not of the text. */
  private first: number

  constructor(tokens: readonly Token[], start: number) {
    this.tokens = tokens
    this.first = start
  }

  get none(): boolean {
    return this.frames.length === 0
  }

  pass(index: number): void {
    const keyword = this.keywordAt(index)
    const top = this.frames.at(-1)
    if (top === 'Case') this.caseExpression(keyword)
    else if (keyword === ';') this.first = index + 1
    else if (opensBlock(this.tokens, this.first, index)) this.open(index, keyword)
    else if (index === this.first) this.begin(index, keyword)
    else if (keyword === 'CASE' && this.keywordAt(index - 1) !== 'END') this.frames.push('Case')
    else if (keyword === 'END' && top === 'Until') this.frames.pop()
    else if (top !== undefined && introducers.get(keyword)?.has(top) === true) this.introduce(index)
  }

  private keywordAt(index: number): string {
    return (this.tokens[index] ?? none).keyword
  }

  private caseExpression(keyword: string): void {
    if (keyword === 'CASE') this.frames.push('Case')
    if (keyword === 'END') this.frames.pop()
  }

  /** A variable may be called like what opens: `loop := 1`. */
  private open(index: number, keyword: string): void {
    if (this.keywordAt(index + 1) === ':=') return
    if (keyword === 'EXCEPTION' && !this.none) return
    const own = index === this.first
    if (keyword === 'BEGIN' && own && this.frames.at(-1) === 'Declare') this.frames.pop()
    const frame = keyword === 'BEGIN' ? 'Block' : (openers.get(keyword) ?? 'Block')
    this.frames.push(frame)
    if (frame === 'Block' || frame === 'Declare' || frame === 'Loop') this.first = index + 1
  }

  /** The first word of a statement that opens nothing. */
  private begin(index: number, keyword: string): void {
    if (this.keywordAt(index + 1) === ':=') return
    const top = this.frames.at(-1)
    if (keyword === 'END') this.frames.pop()
    else if (keyword === 'UNTIL' && top === 'Loop') this.frames[this.frames.length - 1] = 'Until'
    else if (keyword === 'ELSE') this.first = index + 1
  }

  /** The next token begins a statement. */
  private introduce(index: number): void {
    if (this.frames.at(-1) === 'Header') this.frames[this.frames.length - 1] = 'Loop'
    this.first = index + 1
  }
}
