/** Text to tokens. Refuses every lexeme that two readers of Snowflake SQL could read differently. */

import {
  classOf,
  control,
  DIGIT,
  IDENTIFIER_PART,
  IDENTIFIER_START,
  invisible,
  unusual,
} from './lexer/characters.ts'
import { checkSize, limits, tooLarge } from './lexer/limits.ts'
import { lexicalError } from './lexer/rejects.ts'
import type { LexicalReject } from './lexer/rejects.ts'
import { closingQuote, decodeString } from './lexer/strings.ts'
import type { Lexed, Token, TokenType } from './token.ts'

/** Longest first within each first character. */
const longSymbols = ['->>', '->', '=>', '::', ':=', '<=', '<>', '>=', '!=', '||', '**'] as const
const shortSymbols = '()[]{},.;:+-*/%=<>?@~'
const symbolStarts = new Set([...longSymbols.map((symbol) => symbol[0])])
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** Words that may touch the string after them; any other is taken for a prefix such as r'…'. */
const stringKeywords = new Set(
  `DATE TIME TIMESTAMP TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_TZ INTERVAL LIKE ILIKE RLIKE REGEXP AND
  OR NOT THEN ELSE WHEN SELECT BETWEEN ESCAPE`.split(/\s+/),
)

const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y

/**
 * Throws SqlTooLarge beyond the bounds and SqlLexical, with line and column, for a lexeme that is
 * refused by name.
 */
export function tokenize(text: string): Lexed {
  checkSize(text)
  return new Lexer(text).run()
}

class Lexer {
  private readonly text: string
  private readonly unusual: boolean
  private readonly tokens: Token[] = []
  private readonly open: number[] = []
  private readonly closed: (readonly [open: number, close: number])[] = []
  private at = 0

  constructor(text: string) {
    this.text = text
    this.unusual = unusual.test(text)
    if (!this.unusual) return
    if (!text.isWellFormed()) throw lexicalError('LoneSurrogate', text, 0)
    const nul = text.indexOf('\0')
    if (nul !== -1) throw lexicalError('NulCharacter', text, nul)
  }

  run(): Lexed {
    const { text } = this
    while (this.at < text.length) this.next(text.charCodeAt(this.at))
    const partners = new Int32Array(this.tokens.length).fill(-1)
    for (const [open, close] of this.closed) partners[open] = close
    return { text, tokens: this.tokens, partners }
  }

  private next(code: number): void {
    const kind = classOf(code)
    if (code === 0x20 || code === 0x0a || code === 0x09) this.at += 1
    else if (kind & IDENTIFIER_START) this.word()
    else if (kind & DIGIT) this.number()
    else if (code === 0x27) this.string()
    else if (code === 0x22) this.quoted()
    else if (code === 0x24) this.dollar()
    else if (code === 0x2d && this.ahead(1) === 0x2d) this.lineComment()
    else if (code === 0x2f && this.ahead(1) === 0x2f) this.slashes()
    else if (code === 0x2f && this.ahead(1) === 0x2a) this.blockComment()
    else if (code === 0x2e && classOf(this.ahead(1)) & DIGIT) this.number()
    else if (code === 0x0d && this.ahead(1) === 0x0a) this.at += 2
    else this.symbol()
  }

  private ahead(distance: number): number {
    return this.text.charCodeAt(this.at + distance)
  }

  private fail(name: LexicalReject, offset = this.at): never {
    throw lexicalError(name, this.text, offset)
  }

  private push(type: TokenType, end: number, value: string): void {
    if (this.tokens.length === limits.tokens) throw tooLarge(`more than ${limits.tokens} tokens`)
    this.tokens.push({ type, start: this.at, end, value })
    this.at = end
  }

  private wordEnd(from: number): number {
    let end = from
    while (classOf(this.text.charCodeAt(end)) & IDENTIFIER_PART) end += 1
    return end
  }

  private word(): void {
    const end = this.wordEnd(this.at)
    const raw = this.text.slice(this.at, end)
    if (raw.includes('$$')) this.fail('DollarInName')
    const value = raw.toUpperCase()
    if (this.text.charCodeAt(end) === 0x27 && !stringKeywords.has(value)) {
      if (value === 'X') {
        this.binary(end)
        return
      }
      this.fail('PrefixedString')
    }
    this.push('word', end, value)
  }

  private number(): void {
    const before = classOf(this.text.charCodeAt(this.at - 1)) & IDENTIFIER_PART
    number.lastIndex = this.at
    const raw = number.exec(this.text)?.[0] ?? ''
    const end = this.at + raw.length
    const after = this.text.charCodeAt(end)
    if (before || after === 0x2e || classOf(after) & IDENTIFIER_PART) this.fail('NumberRun')
    this.push('number', end, raw)
  }

  private literal(type: 'string' | 'binary', end: number, value: string): void {
    const previous = this.tokens.at(-1)?.type
    if (previous === 'string' || previous === 'binary') this.fail('AdjacentStrings')
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
    const { text } = this
    let close = this.at
    do {
      close = text.indexOf('"', close + 1)
      if (close === -1) this.fail('UnterminatedIdentifier')
      if (text.charCodeAt(close + 1) !== 0x22) break
      close += 1
    } while (close < text.length)
    this.checkHidden(this.at, close)
    const value = text.slice(this.at + 1, close).replaceAll('""', '"')
    if (value === '') this.fail('EmptyIdentifier')
    this.push('quoted', close + 1, value)
  }

  /** Names and comments must look like what they are; strings are data. */
  private checkHidden(start: number, end: number): void {
    const slice = this.text.slice(start, end)
    const lone = /\r(?!\n)/.exec(slice)
    if (lone) this.fail('LoneCarriageReturn', start + lone.index)
    if (!this.unusual) return
    const hidden = invisible.exec(slice)
    if (hidden) this.fail('InvisibleCharacter', start + hidden.index)
    const controls = control.exec(slice)
    if (controls) this.fail('ControlCharacter', start + controls.index)
  }

  private dollar(): void {
    const { text } = this
    const next = this.ahead(1)
    if (next === 0x24) {
      this.dollarString()
    } else if (classOf(next) & IDENTIFIER_PART) {
      const end = this.wordEnd(this.at + 1)
      const name = text.slice(this.at + 1, end)
      if (name.includes('$')) this.fail('DollarTag')
      const positional = classOf(next) & DIGIT
      if (positional && !/^\d{1,6}$/.test(name)) this.fail('NumberRun')
      this.push(positional ? 'positional' : 'variable', end, name.toUpperCase())
    } else {
      this.fail('LoneDollar')
    }
  }

  private dollarString(): void {
    const close = this.text.indexOf('$$', this.at + 2)
    if (this.ahead(2) === 0x24) this.fail('DollarRun')
    if (close === -1) this.fail('UnterminatedDollarString')
    if (this.text.charCodeAt(close + 2) === 0x24) this.fail('DollarRun', close)
    this.literal('string', close + 2, this.text.slice(this.at + 2, close))
  }

  private lineComment(): void {
    const newline = this.text.indexOf('\n', this.at)
    const end = newline === -1 ? this.text.length : newline
    // A comment may end in the CR of a CRLF, which the slice does not show as one.
    this.checkHidden(this.at, newline === -1 ? end : end + 1)
    this.at = end
  }

  private blockComment(): void {
    const { text } = this
    if (this.ahead(2) === 0x2f) this.fail('OverlappedComment')
    const close = text.indexOf('*/', this.at + 2)
    if (close === -1) this.fail('UnterminatedComment')
    const nested = text.indexOf('/*', this.at + 2)
    if (nested !== -1 && nested < close) this.fail('NestedComment', nested)
    this.checkHidden(this.at, close)
    this.at = close + 2
  }

  private slashes(): void {
    const before = this.text.charAt(this.at - 1)
    const verb = this.tokens[0]?.value
    if (before === ':' && (verb === 'PUT' || verb === 'GET')) {
      this.push('path', this.pathEnd(), 'file')
    } else if (before === ':' || before === '/') {
      this.fail('SlashComment')
    } else {
      this.lineComment()
    }
  }

  /** PUT and GET name a local file as `file://…` without quotes; it ends at white space. */
  private pathEnd(): number {
    let end = this.at
    while (end < this.text.length && /[!-~]/.test(this.text.charAt(end))) end += 1
    return end
  }

  private symbol(): void {
    const { text, at } = this
    const character = text.charAt(at)
    if (symbolStarts.has(character)) {
      const long = longSymbols.find((symbol) => text.startsWith(symbol, at))
      if (long !== undefined) {
        this.push('symbol', at + long.length, long)
        return
      }
    }
    if (!shortSymbols.includes(character)) this.refuse(character)
    this.bracket(character)
    this.push('symbol', at + 1, character)
  }

  private bracket(character: string): void {
    const index = this.tokens.length
    if (character in closers) {
      this.open.push(index)
      if (this.open.length > limits.nesting)
        throw tooLarge(`brackets nested deeper than ${limits.nesting}`)
    } else if (character === ')' || character === ']' || character === '}') {
      const open = this.open.pop()
      const opener = open === undefined ? undefined : this.tokens[open]?.value
      if (open !== undefined && closers[opener ?? ''] === character) this.closed.push([open, index])
    }
  }

  private refuse(character: string): never {
    if (character === '\r') this.fail('LoneCarriageReturn')
    if (character === '`') this.fail('Backtick')
    if (character === '#') this.fail('Hash')
    if (invisible.test(character)) this.fail('InvisibleCharacter')
    if (control.test(character)) this.fail('ControlCharacter')
    if (character > '~') this.fail('NonAscii')
    this.fail('UnknownCharacter')
  }
}
