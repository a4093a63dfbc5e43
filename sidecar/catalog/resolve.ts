/** From the names in a statement to catalogue relations, through the bodies of views. */

import { FrostgateError } from '../errors.ts'
import { changesRows } from '../sql/facts-types.ts'
import type { FunctionUse, ObjectUse, StatementFacts } from '../sql/facts-types.ts'
import { factsOf, parseQuery } from '../sql/index.ts'
import type { Parsed } from '../sql/index.ts'
import { partsOf } from '../sql/names.ts'
import { candidates, displayObject, qualify, type Candidates } from './names.ts'
import type { CatalogSource } from './source.ts'
import {
  relationKey,
  type CatalogRelation,
  type NameContext,
  type QualifiedName,
  type Resolution,
  type ResolvedTarget,
  type ResolvedUse,
} from './types.ts'

/** Of views over views: bounds the time that one statement can take. */
const maxDepth = 32

/** Different names in one statement: each may be a look-up, and all sessions share the road there. */
const maxNames = 1_000

/**
 * Finds every relation that a statement reads, those that views behind it read, and those that it
 * changes. A statement that changes rows reaches its target too.
 * @throws FrostgateError SqlTooLarge, ObjectUnqualified, ObjectUnknown; ViewUnreadable for a view whose body is
 * hidden, does not parse, is not known to the last name, nests deeper than 32 or leads to itself.
 */
export async function resolveRelations(
  facts: StatementFacts,
  context: NameContext,
  catalog: CatalogSource,
): Promise<Resolution> {
  refuseMany([...facts.reads, ...facts.writes])
  const walk = new Walk(catalog)
  // Read side by side, looked at in text order: the first fault in the text is the one reported.
  const reads = facts.reads.map((use) => [use, candidates(partsOf(use.name), context)] as const)
  const writes = facts.writes
    .filter(({ objectClass }) => isRelationClass(objectClass))
    .map((use) => [use, writeCandidates(use, context)] as const)
  const [readNames, written] = await Promise.all([
    Promise.all(reads.map(([, names]) => firstFound(names, catalog))),
    Promise.all(writes.map(([, names]) => firstFound(names, catalog))),
  ])
  const objects: ResolvedUse[] = []
  for (const [index, [use]] of reads.entries()) {
    const found = known(readNames[index], catalog)
    await walk.enter(found.relation, [])
    objects.push({ use, ...found })
  }
  const targets: ResolvedTarget[] = []
  for (const [index, [use]] of writes.entries()) {
    const found = written[index]
    if (found === undefined) continue
    if (changesRows(use)) await walk.enter(known(found, catalog).relation, [])
    targets.push({ use, ...found })
  }
  return { objects, targets, relations: walk.relations, viewFunctions: walk.functions }
}

function refuseMany(uses: readonly Pick<ObjectUse, 'name'>[]): void {
  if (uses.length <= maxNames) return
  const names = new Set(uses.map(({ name }) => JSON.stringify(partsOf(name))))
  if (names.size <= maxNames) return
  throw FrostgateError.of('SqlTooLarge', { limit: `more than ${maxNames} tables and views` })
}

interface Found {
  readonly name: QualifiedName
  readonly relation: CatalogRelation | null
}

/** The first that is there; else the first, as one that is not. */
async function firstFound(
  [name, ...others]: readonly [QualifiedName, ...QualifiedName[]],
  catalog: CatalogSource,
): Promise<Found> {
  const relation = await catalog.relation(name)
  if (relation !== null) return { name, relation }
  const [next, ...more] = others
  if (next === undefined) return { name, relation }
  const further = await firstFound([next, ...more], catalog)
  return further.relation === null ? { name, relation } : further
}

function known(found: Found | undefined, { role }: CatalogSource): ResolvedFound {
  if (found === undefined || found.relation === null) {
    const object = found === undefined ? '' : displayObject(found.name)
    throw FrostgateError.of('ObjectUnknown', { object, role })
  }
  return { name: found.name, relation: found.relation }
}

type ResolvedFound = Pick<ResolvedUse, 'name' | 'relation'>

/** Tables and views of every kind share one name space: DYNAMIC TABLE, MATERIALIZED VIEW, … */
function isRelationClass(objectClass: string): boolean {
  return objectClass === 'RELATION' || /(^|\s)(TABLE|VIEW)$/.test(objectClass)
}

/** Only queries and DML look along the search path; DDL means the current schema. */
function writeCandidates(use: ObjectUse, context: NameContext): Candidates {
  const parts = partsOf(use.name)
  return changesRows(use) ? candidates(parts, context) : [qualify(parts, context)]
}

/** What the body of a view names. */
interface Body {
  readonly names: readonly QualifiedName[]
  readonly functions: readonly FunctionUse[]
}

/** By the view's identity, since it never changes; only of bodies that were read to the end. */
const bodies = new WeakMap<CatalogRelation, Body>()

class Walk {
  readonly relations = new Map<string, CatalogRelation>()
  readonly functions: { view: QualifiedName; use: FunctionUse }[] = []
  private readonly catalog: CatalogSource

  constructor(catalog: CatalogSource) {
    this.catalog = catalog
  }

  /** `path`: the views that led here, outermost first. */
  async enter(relation: CatalogRelation, path: readonly string[]): Promise<void> {
    const key = relationKey(relation.name)
    if (path.includes(key)) throw this.unreadable(relation, 'it leads back to itself')
    if (path.length > maxDepth) {
      throw this.unreadable(relation, `views are nested deeper than ${maxDepth}`)
    }
    if (this.relations.has(key)) return
    if (relation.kind === 'view') await this.enterBody(relation, [...path, key])
    // Only now: on the way down a view that leads back to itself must not look finished.
    this.relations.set(key, relation)
  }

  private async enterBody(view: CatalogRelation, path: readonly string[]): Promise<void> {
    const { names, functions } = bodies.get(view) ?? this.bodyOf(view)
    const found = await Promise.all(names.map((name) => this.catalog.relation(name)))
    for (const [index, name] of names.entries()) {
      const relation = found[index] ?? null
      if (relation === null) {
        throw this.unreadable(view, `it reads ${displayObject(name)}, which is not visible`)
      }
      await this.enter(relation, path)
    }
    this.functions.push(...functions.map((use) => ({ view: view.name, use })))
  }

  private bodyOf(view: CatalogRelation): Body {
    const facts = this.factsOfBody(view)
    const body = { names: this.namesIn(view, facts), functions: facts.functions }
    bodies.set(view, body)
    return body
  }

  private factsOfBody(view: CatalogRelation): StatementFacts {
    if (view.body === null) throw this.unreadable(view, 'its definition cannot be read')
    const parsed = this.parse(view, view.body)
    const facts = factsOf(parsed.statement)
    const elsewhere = [facts.dynamic, facts.stages, facts.variables, parsed.spelled]
    if (elsewhere.some((parts) => parts.length > 0)) {
      throw this.unreadable(view, 'what it reads is not all written in its definition')
    }
    return facts
  }

  private parse(view: CatalogRelation, body: string): Parsed {
    try {
      return parseQuery(body)
    } catch (thrown) {
      if (!(thrown instanceof FrostgateError)) throw thrown
      throw this.unreadable(view, 'its definition does not parse', thrown)
    }
  }

  /** A view's names are completed from where the view lies, not from where the session stands. */
  private namesIn(view: CatalogRelation, facts: StatementFacts): readonly QualifiedName[] {
    return facts.reads.map((use) => qualify(partsOf(use.name), view.name))
  }

  private unreadable(view: CatalogRelation, reason: string, cause?: unknown): FrostgateError {
    const parameters = { view: displayObject(view.name), reason, role: this.catalog.role }
    return FrostgateError.of('ViewUnreadable', parameters, cause === undefined ? {} : { cause })
  }
}
