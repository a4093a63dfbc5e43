/** Properties together with tags and contacts, as most classes of objects take them. */

import type { Attachment, Property } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { attachmentClause, contacts, tagValues } from './attachments.ts'
import { atProperty, commonPhrases, OnceEach, property } from './properties.ts'
import type { Phrases } from './phrases.ts'

export interface Options {
  readonly properties: readonly Property[]
  readonly attachments: readonly Attachment[]
}

/** Behind CREATE: tags and contacts stand in parentheses. */
export function options(p: Parser, phrases: Phrases = commonPhrases): Options {
  return read(p, phrases, () => attachmentClause(p, []))
}

/** Behind SET: `TAG a = 'x', b = 'y'`, `CONTACT STEWARD = c`. At least one option. */
export function setOptions(p: Parser, phrases: Phrases = commonPhrases): Options {
  const found = read(p, phrases, () => {
    if (p.accept('TAG')) return tagValues(p)
    return p.accept('CONTACT') ? contacts(p) : undefined
  })
  if (found.properties.length + found.attachments.length === 0) p.fail('a property')
  return found
}

function read(
  p: Parser,
  phrases: Phrases,
  attached: () => readonly Attachment[] | undefined,
): Options {
  const properties: Property[] = []
  const once = new OnceEach(p)
  const attachments: Attachment[] = []
  for (;;) {
    const given = attached()
    if (given === undefined) {
      const next = property(p, phrases)
      if (next === undefined) return { properties, attachments }
      properties.push(once.check(next))
    } else {
      attachments.push(...given)
    }
    // A comma must have another option behind it.
    if (p.at(',') && atOption(p, phrases, 1)) p.keywords(1)
  }
}

function atOption(p: Parser, phrases: Phrases, distance: number): boolean {
  const given = p.at('WITH', distance) ? distance + 1 : distance
  return atProperty(p, phrases, distance) || p.at('TAG', given) || p.at('CONTACT', given)
}
