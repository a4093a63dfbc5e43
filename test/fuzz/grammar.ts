/**
 * Statements from a grammar of our own: `<name>` stands for a rule, the first alternative of each
 * rule is its smallest. What it makes should mostly be taken; what is refused must be refused well.
 */

import { rules } from './grammar-rules.ts'
import type { Random } from './random.ts'

const parsed: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  Object.entries(rules).map(([name, alternatives]) => [
    name,
    // Odd places are names of rules.
    alternatives.map((alternative) => alternative.split(/<(\w+)>/)),
  ]),
)

export function sentence(random: Random, start = 'statement', size = 14): string {
  let left = size * 12
  const expand = (name: string, depth: number): string => {
    const alternatives = parsed.get(name)
    if (alternatives === undefined) throw new Error(`no rule <${name}>`)
    left -= 1
    const small = depth <= 0 || left <= 0
    const chosen = small ? alternatives[0] : random.pick(alternatives)
    return (chosen ?? [])
      .map((part, at) => (at % 2 === 0 ? part : expand(part, depth - 1)))
      .join('')
  }
  return expand(start, size)
}
