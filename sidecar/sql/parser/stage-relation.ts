/** Files in FROM: https://docs.snowflake.com/en/user-guide/querying-stage */

import type { Property, PropertyValue, Stage, StageRelation } from '../ast.ts'
import { targetName } from './names.ts'
import type { Parser } from './parser.ts'
import { relationTail } from './relation-clauses.ts'

/** `@stage/path`, or the same as a string. */
export function atStageRelation(p: Parser): boolean {
  const token = p.peek()
  return token?.type === 'stage' || (token?.type === 'string' && token.value.startsWith('@'))
}

export function stageRelation(p: Parser): StageRelation {
  const start = p.index
  const text = p.take('a stage').value
  const stage: Stage = { kind: 'Stage', span: p.span(start), text }
  const options = p.accept('(') ? stageOptions(p) : []
  const tail = relationTail(p)
  return { kind: 'StageRelation', span: p.span(start), stage, options, ...tail }
}

const known = ['FILE_FORMAT', 'PATTERN'] as const

function stageOptions(p: Parser): readonly Property[] {
  const options = p.list((): Property => {
    const start = p.index
    const name = known.find((word) => p.accept(word, '=>')) ?? p.fail('FILE_FORMAT or PATTERN')
    const value = optionValue(p, name)
    return { kind: 'Property', span: p.span(start), name, value }
  })
  p.expect(')')
  return options
}

/** A string, or a file format by its name. */
function optionValue(p: Parser, option: (typeof known)[number]): PropertyValue {
  const start = p.index
  if (p.type() !== 'string') {
    return option === 'FILE_FORMAT' ? targetName(p, 'a file format') : p.fail('a pattern in quotes')
  }
  const { value } = p.take('a string')
  return { kind: 'Literal', span: p.span(start), type: 'string', value }
}
