/** Statements that are recognised by their head and never run. */

import type { ObjectName, Span } from '../ast.ts'
import type { HeadStatement } from '../statements.ts'
import { headVerb, objectClasses, objectModifiers, scriptVerb } from './head-verbs.ts'
import type { HeadVerb } from './head-verbs.ts'
import { spelledName } from './names.ts'
import type { Parser } from './parser.ts'
import { stageText } from './primary.ts'

export function headStatement(p: Parser, verb: HeadVerb): HeadStatement {
  const { filler = [], classed = false, writes = false } = headVerb(verb)
  const start = p.index
  p.keywords(1)
  for (const word of filler) p.accept(word)
  const toLocation = p.at('@') || p.type() === 'string'
  const objectClass = classed ? readObjectClass(p) : undefined
  const name = headName(p)
  const stages = restOf(p)
  const spelling = verb === 'DESC' ? 'DESCRIBE' : verb
  const span = p.span(start)
  return {
    kind: 'HeadStatement',
    span,
    verb: spelling,
    objectClass,
    name,
    writes,
    toLocation,
    stages,
  }
}

/** A block of Snowflake Scripting: no name, nothing written that its head would tell. */
export function scriptStatement(p: Parser): HeadStatement {
  const start = p.index
  p.keywords(1)
  const stages = restOf(p)
  const none = { objectClass: undefined, name: undefined, writes: false, toLocation: false }
  return { kind: 'HeadStatement', span: p.span(start), verb: scriptVerb, ...none, stages }
}

function readObjectClass(p: Parser): string | undefined {
  while (p.atAny(objectModifiers) && p.type(1) === 'word') p.keywords(1)
  const words = objectClasses.find((candidate) => p.ahead(...candidate))
  const single = p.peek()?.value
  if (words === undefined && p.type() !== 'word') return undefined
  p.keywords(words?.length ?? 1)
  if (p.accept('IF')) {
    p.accept('NOT')
    p.accept('EXISTS')
  }
  return words?.join(' ') ?? single
}

function headName(p: Parser): ObjectName | undefined {
  if (p.ahead('IDENTIFIER', '(')) return spelledHeadName(p)
  return p.atIdentifier() ? p.objectName('a name') : undefined
}

/** `IDENTIFIER('a.b')`; with anything else in it the head names nothing. */
function spelledHeadName(p: Parser): ObjectName | undefined {
  if (p.type(2) !== 'string' || !p.at(')', 3)) return undefined
  const start = p.index
  p.keywords(2)
  const { value } = p.take('a name')
  const span = p.span(p.index - 1)
  p.expect(')')
  const literal = { kind: 'Literal', span, type: 'string', value } as const
  const name = spelledName(p, start, literal)
  // Kept as text only: what is not a name is not a leaf either.
  if (name === undefined) p.uses.fill(1, span.start, span.end)
  return name
}

/** Passes over the tail. The statement never runs, so only its stages are of interest. */
function restOf(p: Parser): { readonly name: string; readonly span: Span }[] {
  const stages: { readonly name: string; readonly span: Span }[] = []
  while (p.index < p.end) {
    const start = p.index
    if (p.at('@')) stages.push({ name: stageText(p), span: { start, end: start + 1 } })
    p.takeText('')
  }
  return stages
}
