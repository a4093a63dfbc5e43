/** Character classes, as tables where the lexer needs them for every character. */

/** Bits of `classOf`. */
export const IDENTIFIER_START = 1
export const IDENTIFIER_PART = 2
export const DIGIT = 4
export const SPACE = 8
/** Letters that folding changes. */
export const LOWER = 16
export const DOLLAR = 32
/** May stand unquoted in the path behind a stage's name. */
export const STAGE_PATH = 64

const members: readonly (readonly [bit: number, pattern: RegExp])[] = [
  [IDENTIFIER_START, /[A-Za-z_]/],
  [IDENTIFIER_PART, /[A-Za-z0-9_$]/],
  [DIGIT, /[0-9]/],
  [SPACE, /[ \t\n]/],
  [LOWER, /[a-z]/],
  [DOLLAR, /\$/],
  [STAGE_PATH, /[A-Za-z0-9_./=:%*+~$!&-]/],
]

const classes = new Uint8Array(128)
for (let code = 0; code < classes.length; code += 1) {
  const character = String.fromCharCode(code)
  for (const [bit, pattern] of members)
    if (pattern.test(character)) classes[code] = (classes[code] ?? 0) | bit
}

/** Classes of a UTF-16 unit; none outside ASCII, and none for NaN (past the end). */
export function classOf(code: number): number {
  return code < 128 ? (classes[code] ?? 0) : 0
}

/** Anything but printable ASCII, tab and line feed: such texts are checked character by character. */
export const unusual = /[^\t\n\u0020-\u007e]/

/** Zero-width, joiner, bidi and other format characters: unseen by a reviewer. */
export const invisible =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]/

export const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/
