/** What is wrong with a configuration, in words that say where it is and what to write instead. */

export interface Problem {
  /** As given to the store; undefined for an object that came from a cluster. */
  readonly file: string | undefined
  /** From 1. */
  readonly line: number | undefined
  /** From 1. */
  readonly column: number | undefined
  /** `AgentPolicy frostgate/ai-agents`, once that much is known. */
  readonly object: string | undefined
  /** `spec.rules[2].action`; empty for a problem of the object or file as a whole. */
  readonly field: string
  /** What is wrong. */
  readonly message: string
  /** What to write instead. */
  readonly advice: string
}

/** `quickstart/policy.yaml:14:7 spec.rules[1].action: "allow" is not one of … Write Allow.` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, object, field, message, advice } = problem
  const position = line === undefined ? [] : column === undefined ? [line] : [line, column]
  const place = file === undefined ? object : [file, ...position].join(':')
  const subject = [place, field].filter((part) => part !== undefined && part !== '').join(' ')
  return visible(`${subject === '' ? '' : `${subject}: `}${message}. ${advice}`)
}

/** Sorted as one reads: by file, then by position. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.file ?? '', b.file ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
}

/** Text of a file may hold what would move a terminal's cursor or hide a part of the message. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    '\u{fffd}',
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
