/** Text to tokens. Refuses every lexeme that two readers of Snowflake SQL could read differently. */

import {
  classOf,
  DIGIT,
  DOLLAR,
  IDENTIFIER_PART,
  IDENTIFIER_START,
  LOWER,
  SPACE,
  unusual,
} from './lexer/characters.ts'
import { blockCommentEnd, lineCommentEnd } from './lexer/comments.ts'
import { fileUrlEnd } from './lexer/file-url.ts'
import { refuseCharacter } from './lexer/hidden.ts'
import { checkSize, limits, tooLarge } from './lexer/limits.ts'
import { quotedEnd, unquote } from './lexer/quoted.ts'
import { lexicalError } from './lexer/rejects.ts'
import type { LexicalReject } from './lexer/rejects.ts'
import { stageEnd } from './lexer/stage.ts'
import { closingQuote, decodeString } from './lexer/strings.ts'
import { closers, stringKeywords, symbolAt } from './lexer/symbols.ts'
import { checkDollars, wordEnd } from './lexer/words.ts'
import type { Lexed, Token, TokenType } from './token.ts'

const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
/** `$` is also the end of a row pattern: PATTERN (a b $). */
const anchor = /\$\s*\)/y
const emptyDollarString = /\$\$\$\$(?=[\s,;)]|$)/y

/**
 * Throws SqlTooLarge beyond the bounds and SqlLexical, with line and column, for a lexeme that is
 * refused by name.
 */
export function tokenize(text: string): Lexed {
  checkSize(text)
  checkUnicode(text)
  return new Lexer(text).run()
}

function checkUnicode(text: string): void {
  if (!unusual.test(text)) return
  if (!text.isWellFormed()) throw lexicalError('LoneSurrogate', text, 0)
  const nul = text.indexOf('\0')
  if (nul !== -1) throw lexicalError('NulCharacter', text, nul)
}

class Lexer {
  private readonly text: string
  private readonly tokens: Token[] = []
  /** Indexes of the brackets that are open. */
  private readonly open: number[] = []
  private readonly closed: (readonly [open: number, close: number])[] = []
  /** Index of the first token of the statement that is being read. */
  private first = 0
  /** Offset of the last comment close of the text, once it is needed. */
  private commentClose: number | undefined
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  run(): Lexed {
    const { text } = this
    this.skipSpace()
    while (this.at < text.length) {
      this.next(text.charCodeAt(this.at))
      this.skipSpace()
    }
    const partners = new Int32Array(this.tokens.length).fill(-1)
    for (const [open, close] of this.closed) partners[open] = close
    return { text, tokens: this.tokens, partners }
  }

  private skipSpace(): void {
    let { at } = this
    while (classOf(this.text.charCodeAt(at)) & SPACE) at += 1
    this.at = at
  }

  private next(code: number): void {
    const kind = classOf(code)
    if (kind & IDENTIFIER_START) this.word()
    else if (kind & DIGIT) this.number()
    else this.mark(code)
  }

  /** By the first character, where that is neither white space nor of a word or a number. */
  private mark(code: number): void {
    switch (code) {
      case 0x0d: // CR
        if (this.ahead(1) !== 0x0a) this.fail('LoneCarriageReturn')
        this.at += 2
        break
      case 0x21: // !
        this.exclamation()
        break
      case 0x22: // "
        this.quoted()
        break
      case 0x24: // $
        this.dollar()
        break
      case 0x27: // '
        this.string()
        break
      case 0x2d: // -
        if (this.ahead(1) === 0x2d) this.at = lineCommentEnd(this.text, this.at)
        else this.symbol()
        break
      case 0x2e: // .
        if (classOf(this.ahead(1)) & DIGIT) this.number()
        else this.symbol()
        break
      case 0x2f: // /
        if (this.ahead(1) === 0x2f) this.slashes()
        else if (this.ahead(1) === 0x2a) this.at = blockCommentEnd(this.text, this.at)
        else this.symbol()
        break
      case 0x40: // @
        this.verbatim('stage', stageEnd(this.text, this.at))
        break
      default:
        this.symbol()
    }
  }

  private ahead(distance: number): number {
    return this.text.charCodeAt(this.at + distance)
  }

  private fail(name: LexicalReject, offset = this.at): never {
    throw lexicalError(name, this.text, offset)
  }

  private push(type: TokenType, end: number, value: string): void {
    if (this.tokens.length === limits.tokens) throw tooLarge(`more than ${limits.tokens} tokens`)
    const keyword = type === 'word' || type === 'symbol' ? value : ''
    this.tokens.push({ type, start: this.at, end, value, keyword })
    this.at = end
  }

  private verbatim(type: TokenType, end: number): void {
    this.push(type, end, this.text.slice(this.at, end))
  }

  private word(): void {
    const { text } = this
    let end = this.at
    let seen = 0
    for (;;) {
      const kind = classOf(text.charCodeAt(end))
      if (!(kind & IDENTIFIER_PART)) break
      seen |= kind
      end += 1
    }
    if (seen & DOLLAR) checkDollars(text, this.at, end)
    const raw = text.slice(this.at, end)
    const value = seen & LOWER ? raw.toUpperCase() : raw
    if (value === 'FILE' && this.fileUrl()) return
    if (text.charCodeAt(end) === 0x27 && !stringKeywords.has(value)) {
      if (value !== 'X') this.fail('PrefixedString')
      this.binary(end)
    } else {
      this.push('word', end, value)
    }
  }

  /** Only PUT and GET name a file without quotes. */
  private fileUrl(): boolean {
    if (!this.transfersFiles()) return false
    this.commentClose ??= this.text.lastIndexOf('*/')
    const end = fileUrlEnd(this.text, this.at, this.commentClose)
    if (end !== -1) this.verbatim('path', end)
    return end !== -1
  }

  private transfersFiles(): boolean {
    const verb = this.tokens[this.first]?.keyword
    return verb === 'PUT' || verb === 'GET'
  }

  /** `PUT 'file:///a b' '@s/a b'`: nothing stands between the two. */
  private secondOperand(): boolean {
    return this.transfersFiles() && this.tokens.length === this.first + 2
  }

  private number(): void {
    const { text, at } = this
    number.lastIndex = at
    const end = at + (number.exec(text)?.[0].length ?? 0)
    const after = text.charCodeAt(end)
    if (after === 0x2e || classOf(after) & IDENTIFIER_PART) this.fail('NumberRun')
    // What ends a name or a value would make `.5` a path.
    if (text.charCodeAt(at) === 0x2e && /[\w$"'.)\]}]/.test(text.charAt(at - 1))) {
      this.fail('NumberRun')
    }
    this.verbatim('number', end)
  }

  private literal(type: 'string' | 'binary', end: number, value: string): void {
    const previous = this.tokens.at(-1)?.type
    const adjacent = previous === 'string' || previous === 'binary'
    if (adjacent && !this.secondOperand()) this.fail('AdjacentStrings')
    this.push(type, end, value)
  }

  private string(): void {
    const close = closingQuote(this.text, this.at)
    if (close === -1) this.fail('UnterminatedString')
    this.literal('string', close + 1, decodeString(this.text, this.at + 1, close))
  }

  private binary(quote: number): void {
    const close = this.text.indexOf("'", quote + 1)
    if (close === -1) this.fail('UnterminatedString')
    const digits = this.text.slice(quote + 1, close)
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) this.fail('BinaryDigits')
    this.literal('binary', close + 1, digits)
  }

  private quoted(): void {
    const end = quotedEnd(this.text, this.at)
    this.push('quoted', end, unquote(this.text, this.at, end))
  }

  private dollar(): void {
    const { text, at } = this
    const next = this.ahead(1)
    if (next === 0x24) {
      this.dollarString()
    } else if (classOf(next) & IDENTIFIER_PART) {
      const end = wordEnd(text, at + 1)
      const name = text.slice(at + 1, end)
      if (name.includes('$')) this.fail('DollarTag')
      const positional = classOf(next) & DIGIT
      if (positional && !/^\d{1,6}$/.test(name)) this.fail('NumberRun')
      this.push(positional ? 'positional' : 'variable', end, name.toUpperCase())
    } else {
      anchor.lastIndex = at
      if (!anchor.test(text)) this.fail('LoneDollar')
      this.push('symbol', at + 1, '$')
    }
  }

  private dollarString(): void {
    // `$$$$` is empty, and alone: a reader that looks for the longest string must find no other.
    emptyDollarString.lastIndex = this.at
    if (emptyDollarString.test(this.text)) {
      this.literal('string', this.at + 4, '')
      return
    }
    const close = this.text.indexOf('$$', this.at + 2)
    if (this.ahead(2) === 0x24) this.fail('DollarRun')
    if (close === -1) this.fail('UnterminatedDollarString')
    if (this.text.charCodeAt(close + 2) === 0x24) this.fail('DollarRun', close)
    this.literal('string', close + 2, this.text.slice(this.at + 2, close))
  }

  private slashes(): void {
    const before = this.text.charAt(this.at - 1)
    if (before === ':' || before === '/') this.fail('SlashComment')
    this.at = lineCommentEnd(this.text, this.at)
  }

  /** `!=`, or `model!METHOD`. */
  private exclamation(): void {
    if (this.ahead(1) === 0x3d) {
      this.symbol()
      return
    }
    const last = this.tokens.at(-1)
    // A name, or MODEL(name, version).
    const named = last?.type === 'word' || last?.type === 'quoted' || last?.keyword === ')'
    const touches = last?.end === this.at
    if (
      !named ||
      !touches ||
      !(classOf(this.ahead(1)) & IDENTIFIER_START || this.ahead(1) === 0x22)
    ) {
      this.fail('LoneExclamation')
    }
    this.push('symbol', this.at + 1, '!')
  }

  private symbol(): void {
    const { text, at } = this
    const symbol = symbolAt(text, at)
    if (symbol === undefined) return refuseCharacter(text, at)
    if (symbol === '(' || symbol === '[' || symbol === '{') this.opened()
    else if (symbol === ')' || symbol === ']' || symbol === '}') this.closes(symbol)
    this.push('symbol', at + symbol.length, symbol)
    if (symbol === ';') this.first = this.tokens.length
  }

  private opened(): void {
    this.open.push(this.tokens.length)
    if (this.open.length > limits.nesting) {
      throw tooLarge(`brackets nested deeper than ${limits.nesting}`)
    }
  }

  private closes(symbol: string): void {
    const open = this.open.pop()
    if (open === undefined) return
    const opener = this.tokens[open]?.value ?? ''
    if (closers[opener] === symbol) this.closed.push([open, this.tokens.length])
  }
}
