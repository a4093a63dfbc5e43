/** What ALTER may do to any class of objects. */

import type { AlterAction, Property, TargetName } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { contactPurpose, tagNames } from './attachments.ts'
import { label } from './label.ts'
import { options, setOptions } from './options.ts'
import { entryAt, sortedOnce } from './phrases.ts'
import type { Phrases, PhraseShape } from './phrases.ts'
import { commonPhrases, phraseValue } from './properties.ts'
import { bareList, propertyList, propertyValue } from './property-values.ts'
import type { AlterTail } from './tails.ts'

export type ActionParts = Partial<Omit<AlterAction, 'kind' | 'span' | 'action'>>

/** What stands behind the words of an action: nothing, options, or a grammar of its own. */
type ActionShape = 'nothing' | 'options' | ((p: Parser) => ActionParts)

/** The actions of a class, by their words. SET, UNSET and RENAME TO need not be listed. */
export type Actions = Readonly<Record<string, ActionShape>>

interface ActionClass {
  readonly actions?: Actions
  readonly phrases?: Phrases
}

/** One action of the class, or SET, UNSET, RENAME TO, which every class takes. */
export function actions(p: Parser, { actions: own = none, phrases }: ActionClass = {}): AlterTail {
  const found = listedAction(p, own, phrases) ?? commonAction(p, phrases)
  if (found !== undefined) return { actions: [found] }
  return p.fail(['SET', 'UNSET', 'RENAME TO', ...Object.keys(own)].join(', '))
}

const none: Actions = {}

function listedAction(p: Parser, own: Actions, phrases?: Phrases): AlterAction | undefined {
  const start = p.index
  const entry = entryAt(p, sortedOnce(own))
  if (entry === undefined) return undefined
  p.keywords(entry.words.length)
  return action(p, start, entry.words.join(' '), partsOf(p, entry.shape, phrases))
}

function partsOf(p: Parser, shape: ActionShape, phrases?: Phrases): ActionParts {
  if (shape === 'nothing') return {}
  return shape === 'options' ? options(p, phrases) : shape(p)
}

function commonAction(p: Parser, phrases: Phrases = commonPhrases): AlterAction | undefined {
  const start = p.index
  if (p.accept('RENAME', 'TO')) {
    const target = targetName(p, 'the new name')
    return action(p, start, 'RENAME TO', { target })
  }
  if (p.accept('SET')) {
    const given = setOptions(p, phrases)
    return action(p, start, 'SET', given)
  }
  if (!p.accept('UNSET')) return undefined
  const given = unset(p, phrases)
  return action(p, start, 'UNSET', given)
}

/** Names of properties, separated by commas; `TAG a, b` names tags. */
function unset(p: Parser, phrases: Phrases): ActionParts {
  if (p.accept('TAG')) return { attachments: tagNames(p) }
  return { properties: p.list(() => unsetProperty(p, phrases)) }
}

export function unsetProperty(p: Parser, phrases: Phrases = commonPhrases): Property {
  const start = p.index
  const phrase = entryAt(p, sortedOnce(phrases))
  if (phrase !== undefined) {
    p.keywords(phrase.words.length)
    const name = phrase.words.join(' ')
    return { kind: 'Property', span: p.span(start), name, value: undefined }
  }
  if (p.at('CONTACT') && p.type(1) === 'word') {
    p.keywords(1)
    contactPurpose(p)
    return { kind: 'Property', span: p.span(start), name: 'CONTACT', value: undefined }
  }
  if (p.type() !== 'word' || !p.atIdentifier()) p.fail('the name of a property')
  const name = p.takeText('the name of a property').value
  return { kind: 'Property', span: p.span(start), name, value: undefined }
}

// ── Shapes that several classes share ─────────────────────────────────────────────────────────

/** The name of an object of this class. */
export function naming(targetClass: string): (p: Parser) => ActionParts {
  return (p) => ({
    target: targetName(p, `the name of the ${targetClass.toLowerCase()}`),
    targetClass,
  })
}

/** Several names of objects of this class, kept as a property that says so. */
export function namingSeveral(name: string): (p: Parser) => ActionParts {
  return (p) => {
    const start = p.index
    const items = p.list((): TargetName => targetName(p, 'a name'))
    const value = { kind: 'PropertyList', span: p.span(start), items } as const
    return { properties: [{ kind: 'Property', span: value.span, name, value }] }
  }
}

/** A word of the object's own: a version, an alias, a channel. Then options. */
export function labelled(phrases: Phrases = commonPhrases): (p: Parser) => ActionParts {
  return (p) => {
    p.accept('IF', 'EXISTS')
    p.accept('IF', 'NOT', 'EXISTS')
    const names = [label(p)]
    return { names, ...options(p, phrases) }
  }
}

/** As `labelled`, where the label may be left out. */
export function maybeLabelled(phrases: Phrases): (p: Parser) => ActionParts {
  return (p) => {
    p.accept('IF', 'NOT', 'EXISTS')
    const first = p.type()
    const given =
      first === 'string' || first === 'number' || (p.atIdentifier() && !atPhrase(p, phrases))
    const names = given ? [label(p)] : []
    return { names, ...options(p, phrases) }
  }
}

function atPhrase(p: Parser, phrases: Phrases): boolean {
  return p.at('=', 1) || entryAt(p, sortedOnce(phrases)) !== undefined
}

/** `= a, b` or `= (a, b)`, and options behind. */
export function assigned(name: string): (p: Parser) => ActionParts {
  return (p) => {
    const start = p.index
    p.expect('=')
    const value = p.at('(') ? propertyList(p) : bareList(p)
    const given: Property = { kind: 'Property', span: p.span(start), name, value }
    const more = options(p, {})
    return { ...more, properties: [given, ...more.properties] }
  }
}

/** What stands behind the words, as a property of this name. */
export function propertyOf(name: string, shape: PhraseShape): (p: Parser) => ActionParts {
  return (p) => {
    const start = p.index
    const value = phraseValue(p, shape)
    return { properties: [{ kind: 'Property', span: p.span(start), name, value }] }
  }
}

/** Strings separated by commas. */
export function values(name: string): (p: Parser) => ActionParts {
  return (p) => {
    const start = p.index
    const items = p.list(() => (p.type() === 'string' ? propertyValue(p) : p.fail('a string')))
    const value = { kind: 'PropertyList', span: p.span(start), items } as const
    return { properties: [{ kind: 'Property', span: value.span, name, value }] }
  }
}

/** An action read from token `start`, with what it has; the rest is empty. */
export function action(
  p: Parser,
  start: number,
  words: string,
  parts: ActionParts = {},
): AlterAction {
  return {
    kind: 'AlterAction',
    span: p.span(start),
    action: words,
    target: undefined,
    targetClass: undefined,
    columns: [],
    names: [],
    constraints: [],
    attachments: [],
    expressions: [],
    tables: [],
    properties: [],
    query: undefined,
    body: undefined,
    statement: undefined,
    ...parts,
  }
}
