/** What follows the name in CREATE: options, a source and clauses in any order, then a body. */

import type { Attachment, Expression, Property } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { attachmentClause } from './attachments.ts'
import { atProperty, commonPhrases, OnceEach, property } from './properties.ts'
import { entryAt, phraseAt, sortedOnce } from './phrases.ts'
import type { Phrases } from './phrases.ts'
import { source } from './source.ts'
import type { Sources } from './source.ts'
import type { CreateTail } from './tails.ts'

/** A clause is read with its words behind the cursor; `tail` is what was read before it. */
export type Clauses = Readonly<Record<string, (p: Parser, tail: CreateTail) => CreateTail>>

export interface CreateGrammar {
  /** Options that are no `NAME = value`. Without a table: those of every class. */
  readonly phrases?: Phrases
  readonly sources?: Sources
  readonly clauses?: Clauses
  /** Clauses behind which nothing may stand. */
  readonly last?: Clauses
  /** WITH may stand before the options. */
  readonly with?: true
  /** Exactly one of these parts there must be; `expected` says so. */
  readonly needs?: { readonly parts: readonly (keyof CreateTail)[]; readonly expected: string }
}

const nothing: Readonly<Record<string, never>> = {}

/** Reads to the first word that is nothing of this, or to the end of a last clause. */
export function createTail(p: Parser, grammar: CreateGrammar, given: CreateTail = {}): CreateTail {
  const { clauses = nothing, last = nothing, sources = nothing, needs } = grammar
  const { phrases = commonPhrases } = grammar
  const draft = new Draft(p, given)
  const seen = new Set<Clauses[string]>()
  if (grammar.with === true) openOptions(p, phrases)
  for (;;) {
    const clause = clauseAt(p, clauses, phrases)
    if (clause !== undefined) {
      if (seen.has(clause)) p.fail('each clause only once')
      seen.add(clause)
      draft.add(clause(p, draft.tail))
      continue
    }
    const from = source(p, sources)
    if (from !== undefined) {
      draft.add({ source: from })
      continue
    }
    if (!draft.option(phrases)) break
  }
  const end = clauseAt(p, last, phrases)
  if (end !== undefined) draft.add(end(p, draft.tail))
  const { tail } = draft
  const present = needs?.parts.filter((part) => tail[part] !== undefined).length
  if (needs !== undefined && present !== 1) p.fail(needs.expected)
  return tail
}

/** `WITH warehouse_size = …`: the word means nothing, but something must follow. */
function openOptions(p: Parser, phrases: Phrases): void {
  if (!p.at('WITH') || p.at('TAG', 1) || p.at('CONTACT', 1)) return
  p.keywords(1)
  if (!atProperty(p, phrases)) p.fail('a property')
}

function clauseAt(p: Parser, clauses: Clauses, phrases: Phrases): Clauses[string] | undefined {
  const entry = entryAt(p, sortedOnce(clauses))
  // `NAME = value` may have a clause's word for its name, and a longer phrase begin with it.
  if (entry === undefined || p.at('=', entry.words.length)) return undefined
  if ((phraseAt(p, phrases)?.words.length ?? 0) > entry.words.length) return undefined
  p.keywords(entry.words.length)
  return entry.shape
}

class Draft {
  private readonly p: Parser
  private readonly properties: Property[] = []
  private readonly attachments: Attachment[] = []
  private readonly expressions: Expression[] = []
  private readonly once: OnceEach
  private rest: CreateTail = {}

  constructor(p: Parser, given: CreateTail) {
    this.p = p
    this.once = new OnceEach(p)
    this.add(given)
  }

  get tail(): CreateTail {
    const { properties, attachments, expressions, rest } = this
    return { ...rest, properties, attachments, expressions }
  }

  /** Reads one option; false where none comes next. */
  option(phrases: Phrases): boolean {
    const { p } = this
    const attachments = attachmentClause(p, [])
    if (attachments === undefined) {
      const next = property(p, phrases)
      if (next === undefined) return false
      this.add({ properties: [next] })
    } else {
      this.add({ attachments })
    }
    // A comma must have another option behind it.
    if (p.at(',') && atProperty(p, phrases, 1)) p.keywords(1)
    return true
  }

  /** Lists grow; anything else may be given once. */
  add({ properties = [], attachments = [], expressions = [], ...rest }: CreateTail): void {
    const twice = Object.keys(rest).find((key) => Object.hasOwn(this.rest, key))
    if (twice !== undefined) this.p.fail(`only one ${twice}`)
    for (const next of properties) this.properties.push(this.once.check(next))
    this.attachments.push(...attachments)
    this.expressions.push(...expressions)
    this.rest = { ...this.rest, ...rest }
  }
}
