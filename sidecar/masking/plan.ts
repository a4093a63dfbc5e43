/** The plan of masking for one statement: what runs instead, and what its result must look like. */

import { displayObject, isInformationSchema, qualify } from '../catalog/names.ts'
import type { NameContext, Resolution, ResolvedUse } from '../catalog/types.ts'
import type { CompiledMask, ObjectPattern } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { Query, TableReference } from '../sql/ast.ts'
import { isGoverned } from '../policy/governed.ts'
import { kindWords } from '../policy/wording.ts'
import type { StatementFacts } from '../sql/facts-types.ts'
import { positionOf, walk } from '../sql/index.ts'
import type { Parsed, Replacement } from '../sql/index.ts'
import { partsOf, quoteName } from '../sql/names.ts'
import { listingProjection } from './information-schema.ts'
import { keepNames } from './item-names.ts'
import { knownObject } from './lineage/objects.ts'
import { noTaint } from './lineage/taint.ts'
import { traceLineage } from './lineage/trace.ts'
import type { Requalified } from './lineage/types.ts'
import type { MaskedRelation } from './masked.ts'
import { outputPlans } from './outputs.ts'
import type { OutputPlan } from './outputs.ts'
import { masksFor } from './protected.ts'
import { maskedRelations } from './relations.ts'
import { maskingProjection, pastProjection, readInstead } from './rewrite.ts'
import type { Projection } from './rewrite.ts'
import { checkUse, columnName } from './strict.ts'
import { refuseUnmatched } from './unmatched.ts'

export interface MaskingInput {
  readonly parsed: Parsed
  readonly facts: StatementFacts
  readonly resolution: Resolution
  /** All rules of the bundle; those that bind the principal are chosen here. */
  readonly masks: readonly CompiledMask[]
  readonly principal: Principal
  /** Where the session stood when the statement was judged. */
  readonly context: NameContext
  /** What INFORMATION_SCHEMA may list; null for everything. */
  readonly visibility: readonly ObjectPattern[] | null
}

export interface MaskPlan {
  /** They do not overlap. */
  readonly replacements: readonly Replacement[]
  /** Protected columns of the relations read, as `DB.S.T.COLUMN`: each is masked at its read. */
  readonly maskedColumns: readonly string[]
  /** Names of the rules that decided how, each once. */
  readonly maskingRules: readonly string[]
  /** Error texts may quote values: a protected relation or a filtered listing is read. */
  readonly touchesProtected: boolean
  /** One per column of the result; null where they cannot be told beforehand. */
  readonly outputs: readonly OutputPlan[] | null
}

/**
 * @throws FrostgateError ColumnUseRefused, ColumnUnresolvable, MaskImpossible, MaskUnmatched,
 * ConstructOnProtected; StatementUnsupported, StageRefused, DynamicRefused
 */
export function planMasking(input: MaskingInput): MaskPlan {
  const { parsed, resolution, masks, principal } = input
  refuseUnread(input)
  const binding = masksFor(masks, principal)
  refuseUnmatched(binding, resolution.relations)
  const maskedOf = maskedRelations(resolution.relations, binding)
  const today = once(
    (masked: MaskedRelation) =>
      listingProjection(masked, input.visibility) ?? maskingProjection(masked),
  )
  const past = once((masked: MaskedRelation) => pastProjection(masked, binding))
  const reads = resolution.objects.map((resolved): Read => {
    const masked = maskedOf(resolved.relation)
    const travels = resolved.use.reference.timeTravel.length > 0
    return { resolved, masked, projection: today(masked) ?? (travels ? past(masked) : null) }
  })
  refuseLong(reads)
  for (const read of reads) refuseInside(read)
  const relations = new Set(reads.map((read) => read.masked))
  const { statement } = parsed
  const query = statement.kind === 'QueryStatement' ? statement.query : null
  const traced = query === null ? null : traceQuery(parsed, query, reads)
  const rewritten = [
    ...reads.map((read) => readInstead(parsed, read.resolved, read.projection)),
    ...(traced?.requalified ?? []).map(({ span, name }) => ({ span, text: quoteName(name) })),
    ...named(input),
  ]
  const masked = [...relations].flatMap(({ columns }) => [...columns.values()])
  return {
    replacements: query === null ? rewritten : keepNames(parsed, query, rewritten),
    maskedColumns: masked.map(columnName),
    maskingRules: [...new Set(masked.map(({ rule }) => rule))],
    touchesProtected: [...relations].some(
      // A listing's hidden rows are as protected: Snowflake may compute on a row before it drops it.
      ({ touchesProtected, relation }) => touchesProtected || isInformationSchema(relation.name),
    ),
    outputs: traced === null ? null : outputPlans(traced.shape),
  }
}

/**
 * DESCRIBE names its object in full too: a USE that runs beside it must not change which it is. A
 * listing comes whole, because its rows are counted after those are gone that are not to be seen.
 */
function named({ parsed: { statement }, context }: MaskingInput): readonly Replacement[] {
  if (statement.kind === 'Show' && statement.limit !== undefined) {
    return [{ span: statement.limit.span, text: '' }]
  }
  // A name that only run time tells was refused before.
  if (statement.kind !== 'Describe' || statement.name.kind !== 'ObjectName') return []
  const { database, schema, name } = qualify(partsOf(statement.name), context)
  return [{ span: statement.name.span, text: quoteName([database, schema, name]) }]
}

/** Policy refuses these first; what is not read to the last token cannot be masked either. */
function refuseUnread({ parsed, facts }: MaskingInput): void {
  const [dynamic] = facts.dynamic
  const [stage] = facts.stages
  if (!isGoverned(parsed.statement)) {
    const kind = kindWords(parsed.statement, facts)
    throw FrostgateError.of('StatementUnsupported', { kind })
  }
  if (stage !== undefined) throw FrostgateError.of('StageRefused', { stage: stage.name })
  if (dynamic !== undefined) {
    const position = positionOf(parsed, dynamic.span.start)
    throw FrostgateError.of('DynamicRefused', { what: dynamic.what, ...position }, position)
  }
}

/** Characters of SQL, as for the statement itself. */
const longest = 1_000_000

/** A relation may be named in two characters and read through a hundred thousand. */
function refuseLong(reads: readonly Read[]): void {
  const lengths = reads.map(({ projection }) => projection?.select.length ?? 0)
  if (lengths.reduce((sum, length) => sum + length, 0) <= longest) return
  throw FrostgateError.of('SqlTooLarge', { limit: 'it reads masked relations too many times' })
}

/**
 * What stands in for a relation takes its clauses along as text, to where raw columns are in reach,
 * so they can name no relation and no column.
 */
function refuseInside({ resolved, projection }: Read): void {
  if (projection === null) return
  const { timeTravel, sample, span } = resolved.use.reference
  for (const expression of [...timeTravel, ...sample]) {
    // SAMPLE behind an alias is not taken along.
    if (expression.span.start >= span.end) continue
    walk(expression, {
      ColumnReference: refuse('A column'),
      Positional: refuse('A column'),
      Star: refuse('A column'),
      TableReference: refuse('A sub-query'),
    })
  }

  function refuse(what: string): () => never {
    return () => {
      throw FrostgateError.of('ConstructOnProtected', {
        construct: `${what} in a time travel or SAMPLE clause`,
        object: displayObject(resolved.name),
      })
    }
  }
}

interface Read {
  readonly resolved: ResolvedUse
  readonly masked: MaskedRelation
  readonly projection: Projection | null
}

function traceQuery(parsed: Parsed, query: Query, reads: readonly Read[]) {
  const relations = new Set(reads.map((read) => read.masked))
  // A view's own filters are its author's, not this statement's, so they count for nothing here.
  const named = once((m: MaskedRelation) => knownObject(m, { rewritten: false, hidden: noTaint }))
  const derived = once((m: MaskedRelation) => knownObject(m, { rewritten: true, hidden: noTaint }))
  const objects = new Map(
    reads.map(({ resolved, masked, projection }) => [
      resolved.use.reference,
      projection === null ? named(masked) : derived(masked),
    ]),
  )
  const requalified = new Map<number, Requalified>()
  const { shape, uses } = traceLineage(query, {
    objectOf: (reference: TableReference) => objects.get(reference),
    requalify: (found) => requalified.set(found.span.start, found),
  })
  checkUse(uses, (token) => positionOf(parsed, token), [...relations])
  return { shape, requalified: [...requalified.values()] }
}

/** A relation may be read many times over, and be wide. */
function once<T>(work: (masked: MaskedRelation) => T): (masked: MaskedRelation) => T {
  const done = new Map<MaskedRelation, { readonly result: T }>()
  return (masked) => {
    const known = done.get(masked) ?? { result: work(masked) }
    done.set(masked, known)
    return known.result
  }
}
