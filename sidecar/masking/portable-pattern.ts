/**
 * Regular expressions that mean the same in Snowflake (POSIX with Perl's escapes), RE2 and
 * JavaScript. What these engines read differently, or what may take exponential time in one of
 * them, is refused.
 */

export interface PortablePattern {
  /** Groups, for `\1` to `\9` in a replacement. */
  readonly groups: number
  /** Quantifiers that can match several lengths. n of them cost length to the power of n + 1. */
  readonly variable: number
}

export interface PatternProblem {
  readonly message: string
  readonly advice: string
  /** Character offset in the pattern. */
  readonly at: number
}

const maxRepeat = 255
const maxVariable = 8
const maxGroups = 9

/** What a stretch of the pattern is like. */
interface Piece {
  /** Whether it matches the empty text. */
  readonly empty: boolean
  /** Whether a quantifier is in it. */
  readonly quantified: boolean
  /** The character that it starts with, if it is always the same. */
  readonly first: string | undefined
}

class Refused extends Error {
  readonly problem: PatternProblem

  constructor(at: number, message: string, advice: string) {
    super(message)
    this.problem = { message, advice, at }
  }
}

/** What is known of `text`, or why it is not portable. */
export function readPattern(text: string): PortablePattern | { readonly problem: PatternProblem } {
  try {
    const reader = new Reader(text)
    const { empty } = reader.pattern()
    if (reader.rest !== '')
      throw reader.refused('a ) closes nothing', 'Write [)] for the character.')
    if (empty) {
      throw new Refused(
        0,
        'it matches the empty text',
        'Ask for at least one character, as in [0-9]+.',
      )
    }
    return { groups: reader.groups, variable: reader.variable }
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem }
    throw error
  }
}

/** Why `text` cannot be a replacement of a pattern with so many groups; undefined if it can. */
export function replacementProblem(text: string, groups: number): string | undefined {
  for (const [, digit] of text.matchAll(/\\(.?)/gsu)) {
    if (!/^[1-9]$/.test(digit ?? ''))
      return 'a backslash must be followed by the number of a group, from 1 to 9'
    if (Number(digit) > groups)
      return `it names group ${digit ?? ''}, and the pattern has ${groups}`
  }
  return undefined
}

class Reader {
  rest: string
  groups = 0
  variable = 0
  readonly #length: number
  #depth = 0

  constructor(text: string) {
    this.rest = text
    this.#length = text.length
  }

  refused(message: string, advice: string): Refused {
    return new Refused(this.#length - this.rest.length, message, advice)
  }

  /** Branches must differ in their first character: POSIX takes the longest, others the first. */
  pattern(): Piece {
    const branches = [this.#branch()]
    while (this.rest.startsWith('|')) {
      this.#skip(1)
      branches.push(this.#branch())
    }
    const [only, second] = branches
    if (only !== undefined && second === undefined) return only
    const firsts = branches.map(({ first }) => first)
    if (firsts.includes(undefined) || new Set(firsts).size < firsts.length) {
      throw this.refused(
        'the branches of | do not start with different characters, and engines choose differently',
        'Let each branch start with a character of its own, or use several rules.',
      )
    }
    return {
      empty: false,
      quantified: branches.some(({ quantified }) => quantified),
      first: undefined,
    }
  }

  #branch(): Piece {
    const pieces: Piece[] = []
    while (this.rest !== '' && !/^[|)]/.test(this.rest)) pieces.push(this.#piece())
    return {
      empty: pieces.every(({ empty }) => empty),
      quantified: pieces.some(({ quantified }) => quantified),
      first: pieces[0]?.first,
    }
  }

  #piece(): Piece {
    const anchor = /^[\^$]/.exec(this.rest)
    if (anchor !== null) {
      this.#skip(1)
      if (/^[*+?{]/.test(this.rest))
        throw this.refused('an anchor is repeated', 'Remove what repeats it.')
      return { empty: true, quantified: false, first: undefined }
    }
    const atom = this.#atom()
    const written = /^(?:[*+?]|\{(\d{1,4})(,(\d{0,4}))?\})/.exec(this.rest)
    if (written === null) return atom
    const [quantifier, least, comma, most] = written
    if (atom.quantified || atom.empty) {
      throw this.refused(
        'a group that can vary in length is repeated, which can take exponential time',
        'Repeat single characters and classes, as in [0-9]+.',
      )
    }
    if (Number(least ?? 0) > maxRepeat || Number(most ?? 0) > maxRepeat) {
      throw this.refused(`a repetition exceeds ${maxRepeat}`, 'Use + instead.')
    }
    if (least !== undefined && most !== undefined && most !== '' && Number(most) < Number(least)) {
      throw this.refused('a repetition ends before it starts', 'Write the smaller number first.')
    }
    this.#skip(quantifier.length)
    if (/^[*+?{]/.test(this.rest)) {
      throw this.refused(
        'a quantifier follows a quantifier; lazy and possessive ones are not in POSIX',
        'Exclude what must not be matched instead, as in [^@]*@.',
      )
    }
    const varies = least === undefined || (comma !== undefined && most !== least)
    if (varies && ++this.variable > maxVariable) {
      throw this.refused(
        `there are more than ${maxVariable} quantifiers`,
        'Write a simpler pattern.',
      )
    }
    const empty = /^[*?]/.test(quantifier) || Number(least ?? 1) === 0
    return { empty, quantified: true, first: empty ? undefined : atom.first }
  }

  #atom(): Piece {
    const first = this.rest.charAt(0)
    if (first === '(') return this.#group()
    if (first === '[') return this.#class()
    if (first === '\\') return this.#escape()
    if (first === '.') {
      throw this.refused(
        'engines differ on the line ends that . leaves out',
        'Write a class, such as [^@].',
      )
    }
    if (/[*+?{}\]]/.test(first)) {
      throw this.refused(
        `${first} stands where a character is expected`,
        `Write \\${first} for the character itself.`,
      )
    }
    const character = String.fromCodePoint(this.rest.codePointAt(0) ?? 0)
    this.#skip(character.length)
    return literal(character)
  }

  #group(): Piece {
    if (this.rest.startsWith('(?')) {
      throw this.refused(
        'Snowflake has no (?…): no look-around, flags or named groups',
        'Use a plain group.',
      )
    }
    if (++this.groups > maxGroups || ++this.#depth > maxGroups) {
      throw this.refused(`there are more than ${maxGroups} groups`, 'Write a simpler pattern.')
    }
    this.#skip(1)
    const inner = this.pattern()
    if (inner.empty)
      throw this.refused('a group matches the empty text', 'Repeat what is in it with +.')
    if (!this.rest.startsWith(')')) throw this.refused('a ( is not closed', 'Add the ).')
    this.#skip(1)
    this.#depth -= 1
    return inner
  }

  /** POSIX reads a backslash in a class as itself, others as an escape; so there is none. */
  #class(): Piece {
    const written = /^\[\^?[^\]\\[]+\]/u.exec(this.rest)
    const inner = written?.[0].slice(1, -1).replace(/^\^/, '') ?? ''
    const ranges = inner
      .replace(/^-|-$/g, '')
      .replaceAll(/[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]/g, '')
    const backwards = [...inner.matchAll(/(.)-(.)/gu)].some(([, from = '', to = '']) => from > to)
    if (
      written === null ||
      inner === '' ||
      ranges.includes('-') ||
      backwards ||
      /&&|~~|\|\|/.test(inner)
    ) {
      throw this.refused(
        'this class cannot be read the same way everywhere',
        'In brackets write characters and ranges such as a-z, A-Z and 0-9; no backslash, no [ and no [:name:]; a hyphen goes first or last.',
      )
    }
    this.#skip(written[0].length)
    return { empty: false, quantified: false, first: undefined }
  }

  #escape(): Piece {
    const written = /^\\([\\.*+?()[\]{}|^$])/.exec(this.rest)
    if (written === null) {
      throw this.refused(
        `${this.rest.slice(0, 2)} is not read the same way everywhere`,
        'Write \\ before punctuation only; instead of \\d write [0-9], of \\w [0-9A-Za-z_], of \\s [ ].',
      )
    }
    this.#skip(2)
    return literal(written[1] ?? '')
  }

  #skip(length: number): void {
    this.rest = this.rest.slice(length)
  }
}

function literal(first: string): Piece {
  return { empty: false, quantified: false, first }
}
