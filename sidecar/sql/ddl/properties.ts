/**
 * Options of statements, `NAME = value` and fixed phrases. Nothing that could hold a statement is a
 * value, and words that stand without `=` must be listed: junk is no property.
 */

import type { Property, PropertyValue } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { entryAt, isAssignable, phraseAt, sortedOnce } from './phrases.ts'
import type { Phrases, PhraseShape } from './phrases.ts'
import {
  argumentList,
  bareList,
  numberValue,
  propertyList,
  propertyValue,
} from './property-values.ts'
import { objectKinds, triggers } from './word-lists.ts'

export type { Phrases } from './phrases.ts'
export { propertyList, propertyValue } from './property-values.ts'

/** Known to most classes of objects. */
export const commonPhrases: Phrases = {
  COMMENT: 'value',
  'COPY GRANTS': 'nothing',
}

/** As many properties as come next, separated by blanks or commas; maybe none. */
export function properties(p: Parser, phrases: Phrases = commonPhrases): readonly Property[] {
  const found: Property[] = []
  const once = new OnceEach(p)
  for (let next = property(p, phrases); next !== undefined; next = property(p, phrases)) {
    found.push(once.check(next))
    // A comma must have another property behind it.
    if (p.at(',') && atProperty(p, phrases, 1)) p.keywords(1)
  }
  return found
}

/** Snowflake refuses a property that is given twice. */
export class OnceEach {
  private readonly p: Parser
  private readonly seen = new Set<string>()

  constructor(p: Parser) {
    this.p = p
  }

  check(property: Property): Property {
    if (this.seen.has(property.name)) this.p.fail(`${property.name} only once`)
    this.seen.add(property.name)
    return property
  }
}

export function property(p: Parser, phrases: Phrases = commonPhrases): Property | undefined {
  const phrase = phrased(p, phrases)
  if (phrase !== undefined) return phrase
  const start = p.index
  if (!atAssignment(p) || standsAlone(p, phrases)) return undefined
  const name = p.takeText('the name of a property').value
  p.expect('=')
  const value = propertyValue(p)
  return { kind: 'Property', span: p.span(start), name, value }
}

const shapes: Readonly<Record<PhraseShape, (p: Parser) => PropertyValue | undefined>> = {
  nothing: () => undefined,
  name: (p) => targetName(p, 'a name'),
  text: (p) => (p.type() === 'string' ? propertyValue(p) : p.fail('a string')),
  place: (p) => (atPlace(p) ? propertyValue(p) : p.fail('a stage or an address in quotes')),
  arguments: argumentList,
  value: (p) => propertyValue(p),
  number: (p) => numberValue(p),
  list: (p) => (p.at('(') ? propertyList(p) : p.fail('"("')),
  names: bareList,
  kinds: (p) => objectKinds(p),
  triggers: (p) => triggers(p),
}

/** A listed property only. */
export function phrased(p: Parser, phrases: Phrases): Property | undefined {
  const start = p.index
  const phrase = phraseAt(p, phrases)
  if (phrase === undefined) return undefined
  p.keywords(phrase.words.length)
  const value = phraseValue(p, phrase.shape)
  return { kind: 'Property', span: p.span(start), name: phrase.words.join(' '), value }
}

/** What follows a phrase of this shape. */
export function phraseValue(p: Parser, shape: PhraseShape): PropertyValue | undefined {
  if (isAssignable(shape)) p.accept('=')
  return shapes[shape](p)
}

function atPlace(p: Parser): boolean {
  return p.type() === 'string' || p.type() === 'stage'
}

export function atProperty(p: Parser, phrases: Phrases, distance = 0): boolean {
  return phraseAt(p, phrases, distance) !== undefined || atAssignment(p, distance)
}

/** `ORDER = 3`: a word that takes no value is no property with one. */
function standsAlone(p: Parser, phrases: Phrases): boolean {
  const entry = entryAt(p, sortedOnce(phrases))
  return entry?.words.length === 1 && entry.shape === 'nothing'
}

export function atAssignment(p: Parser, distance = 0): boolean {
  return p.type(distance) === 'word' && p.at('=', distance + 1)
}
