/** Options of COPY, PUT, GET, LIST and REMOVE, in any order. */

import type { Property } from '../ast.ts'
import { property } from '../ddl/properties.ts'
import type { Parser } from '../parser/parser.ts'

/** What a statement takes; flags may also stand without a value. */
export interface OptionNames {
  readonly names: ReadonlySet<string>
  readonly flags: Readonly<Record<string, 'nothing'>>
}

const noPhrases = {}

export function optionNames(names: string, ...flags: readonly string[]): OptionNames {
  return {
    names: new Set(names.split(/\s+/)),
    flags: Object.fromEntries(flags.map((flag) => [flag, 'nothing'])),
  }
}

/**
 * The options that come next, behind those given already. One given twice is refused: the text
 * does not tell which of the two counts.
 */
export function options(
  p: Parser,
  { names, flags }: OptionNames,
  given: readonly Property[] = [],
): readonly Property[] {
  const found = [...given]
  while (p.atAny(names)) {
    const name = p.peek()?.value ?? ''
    if (found.some((other) => other.name === name)) p.fail(`${name} only once`)
    const phrases = p.at('=', 1) ? noPhrases : flags
    found.push(skipFilePercentage(p) ?? property(p, phrases) ?? p.fail(`${name} = value`))
    if (p.at(',') && p.atAny(names, 1)) p.keywords(1)
  }
  return found
}

/** `ON_ERROR = SKIP_FILE_10%`, the only value with a sign behind a word. */
function skipFilePercentage(p: Parser): Property | undefined {
  if (!p.ahead('ON_ERROR', '=') || !p.at('%', 3)) return undefined
  if (!/^SKIP_FILE_\d+$/.test(p.peek(2)?.value ?? '')) return undefined
  const start = p.index
  p.takeText('ON_ERROR')
  p.expect('=')
  const first = p.index
  const value = p.take('a value').value + p.take('%').value
  const literal = { kind: 'Literal', type: 'string', span: p.span(first), value } as const
  return { kind: 'Property', span: p.span(start), name: 'ON_ERROR', value: literal }
}
