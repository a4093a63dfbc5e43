/**
 * Lexemes that are refused by name. Each is one on which lexers for Snowflake disagree about where
 * a string, a name or a comment ends, so that text could hide from one of them.
 */

import { FrostgateError } from '../../errors.ts'
import { positionAt } from '../position.ts'

interface Reject {
  readonly reason: string
  readonly hint: string
}

export const lexicalRejects = {
  NestedComment: {
    reason: '"/*" inside a comment',
    hint: 'Comments do not nest: remove the inner "/*".',
  },
  OverlappedComment: {
    reason: '"/*/" opens a comment that some readers also take for a closed one',
    hint: 'Put a space after "/*".',
  },
  UnterminatedComment: { reason: 'a comment is not closed', hint: 'Close it with "*/".' },
  UnterminatedString: { reason: 'a string is not closed', hint: 'Close it with a quote.' },
  UnterminatedIdentifier: {
    reason: 'a quoted identifier is not closed',
    hint: 'Close it with a double quote; a backslash does not escape one, doubling it does.',
  },
  UnterminatedDollarString: { reason: 'a $$ string is not closed', hint: 'Close it with "$$".' },
  DollarTag: {
    reason: 'a $name$ tag',
    hint: 'Snowflake has only untagged $$ strings; session variables end without "$".',
  },
  DollarRun: {
    reason: 'three or more "$" in a row',
    hint: 'Put a space between "$$" and the next "$".',
  },
  DollarInName: {
    reason: '"$$" inside a name',
    hint: 'Put a space before a $$ string, or quote the name.',
  },
  LoneDollar: { reason: '"$" that starts nothing', hint: 'Variables are $name, columns are $1.' },
  LoneCarriageReturn: {
    reason: 'a carriage return without a line feed',
    hint: 'Use LF or CRLF as the end of a line.',
  },
  ControlCharacter: { reason: 'a control character', hint: 'Remove it.' },
  NulCharacter: { reason: 'a NUL character', hint: 'Remove it.' },
  InvisibleCharacter: {
    reason: 'an invisible or direction-changing character outside a string',
    hint: 'Remove it.',
  },
  LoneSurrogate: { reason: 'text that is not valid Unicode', hint: 'Send well-formed Unicode.' },
  NonAscii: {
    reason: 'a character outside ASCII that is neither in quotes nor in a comment',
    hint: 'Quote the identifier, and use plain quotes, spaces and dashes.',
  },
  Backtick: { reason: 'a backtick', hint: 'Quote identifiers with double quotes.' },
  Hash: { reason: '"#"', hint: 'Comments start with "--"; quote identifiers that hold a "#".' },
  UnknownCharacter: {
    reason: 'a character that no Snowflake token starts with',
    hint: 'Remove it, or quote it.',
  },
  PrefixedString: {
    reason: 'a string with a prefix',
    hint: "Only x'…' (binary) is known; put a space between a keyword and a string.",
  },
  AdjacentStrings: {
    reason: 'two string literals side by side',
    hint: 'Join them with "||".',
  },
  BinaryDigits: {
    reason: "an x'…' literal whose text is not pairs of hexadecimal digits",
    hint: 'Write two hexadecimal digits for each byte.',
  },
  SlashComment: {
    reason: '"//" right after ":" or "/"',
    hint: 'Put a space before the comment, or quote the address.',
  },
  LoneAt: {
    reason: '"@" that names no stage',
    hint: 'Stages are @~, @stage, @%table and @database.schema.stage, with a path behind "/".',
  },
  StageCharacter: {
    reason: 'a stage that runs into a character that cannot be part of it',
    hint: "Put a space behind the stage, or quote it as a string: '@stage/path'.",
  },
  StageComment: {
    reason:
      '"//", "/*" or "--" in or right behind a stage, a path to some readers and a comment to others',
    hint: "Put a space before the comment, or quote the stage as a string: '@stage/path'.",
  },
  PathCharacter: {
    reason: 'a file:// address with a quote, "$$", ";" or a character outside ASCII',
    hint: "Quote the address as a string: 'file:///path'.",
  },
  PathComment: {
    reason: 'a file:// address in which some readers see a comment',
    hint: "Quote the address as a string: 'file:///path'.",
  },
  LoneExclamation: {
    reason: '"!" that does not join a name to a method',
    hint: 'Write model!METHOD(…) without spaces; "not equal" is "!=" or "<>".',
  },
  EmptyIdentifier: { reason: 'an empty quoted identifier', hint: 'Name it.' },
  NumberRun: {
    reason: 'a number that runs into what follows or precedes it',
    hint: 'Put a space between them.',
  },
  EscapeDigits: {
    reason: 'a string escape with too few digits',
    hint: 'Use \\ooo, \\xhh or \\uhhhh in full, or double the backslash.',
  },
} as const satisfies Record<string, Reject>

export type LexicalReject = keyof typeof lexicalRejects

export function lexicalError(name: LexicalReject, text: string, offset: number): FrostgateError {
  const position = positionAt(text, offset)
  return FrostgateError.of('SqlLexical', { ...position, ...lexicalRejects[name] }, position)
}
