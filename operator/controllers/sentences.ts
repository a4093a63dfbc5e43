/** Problems as a condition's message: field, reason, remedy. */

import type { Problem } from '../store/problem.ts'
import { formatProblem } from '../store/problem.ts'

const shown = 5

/** `about` is the object whose message it is: its own name is not repeated. */
export function sentencesOf(problems: readonly Problem[], about: string): string {
  const sentences = problems.slice(0, shown).map((problem) => {
    const own = problem.object === about
    const text = formatProblem({ ...problem, ...nowhere, object: own ? undefined : problem.object })
    return text === '' ? problem.message : text
  })
  const rest = problems.length - shown
  return [...sentences, ...(rest > 0 ? [`And ${rest} more.`] : [])].join(' ')
}

const nowhere = { file: undefined, line: undefined, column: undefined } as const
