/** The plan of masking for one statement: what runs instead, and what its result must look like. */

import { displayObject, isInformationSchema, matchesObject, qualify } from '../catalog/names.ts'
import type { CatalogRelation, NameContext, Resolution } from '../catalog/types.ts'
import type { CompiledMask, MaskKeys, ObjectPattern } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { JsonObject } from '../json.ts'
import { isGoverned } from '../policy/governed.ts'
import { strayStage } from '../policy/stages.ts'
import { kindWords } from '../policy/wording.ts'
import type { Query, TableFunction, TableReference } from '../sql/ast.ts'
import { changesRows, type StatementFacts } from '../sql/facts-types.ts'
import { positionOf } from '../sql/index.ts'
import type { Parsed, Replacement } from '../sql/index.ts'
import { partsOf, quoteName } from '../sql/names.ts'
import type { Statement } from '../sql/statements.ts'
import { refuseAstray } from './astray.ts'
import { keepNames } from './item-names.ts'
import { knownObject } from './lineage/objects.ts'
import { noTaint, wholeShape } from './lineage/taint.ts'
import { traceLineage } from './lineage/trace.ts'
import type { Requalified, Shape, Surroundings } from './lineage/types.ts'
import type { MaskedRelation } from './masked.ts'
import { keyringOf } from './methods/index.ts'
import type { KeyText } from './methods/index.ts'
import { outputPlans } from './outputs.ts'
import type { OutputPlan } from './outputs.ts'
import { masksFor } from './protected.ts'
import { once, readsOf } from './reads.ts'
import type { Read } from './reads.ts'
import { maskedRelations } from './relations.ts'
import { readInstead } from './rewrite.ts'
import { checkUse, columnName } from './strict.ts'
import { refuseUnmatched } from './unmatched.ts'
import { judgeWrites, writes } from './writes/families.ts'
import { copiedNames } from './writes/copy.ts'
import { columnList } from './writes/insert.ts'
import { targetNames } from './writes/names.ts'
import { Writing } from './writes/writing.ts'

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
  /** As the client sent them, by name: `{type, value}`, a value of several rows being a list. */
  readonly bindings: JsonObject | undefined
  /** Of keyed masks, by Secret name. */
  readonly keys: MaskKeys
  /** What a RESULT_SCAN gives; undefined for a table function that is none. */
  readonly tableOf?: (call: TableFunction) => Shape | undefined
  /** Ids of earlier results as Snowflake knows them, in place of those that the client knows. */
  readonly resultIds?: readonly Replacement[]
}

export interface MaskPlan {
  /** They do not overlap. */
  readonly replacements: readonly Replacement[]
  /** Protected columns of the relations read, as `DB.S.T.COLUMN`: each is masked at its read. */
  readonly maskedColumns: readonly string[]
  /** Names of the rules that took part in how, each once. */
  readonly maskingRules: readonly string[]
  /**
   * Error texts may quote values: a protected relation is read or written, or a filtered listing
   * read.
   */
  readonly touchesProtected: boolean
  /** One per column of the result; null where they cannot be told, or nothing protected is read. */
  readonly outputs: readonly OutputPlan[] | null
  /** What the result carries, column by column; null where nothing protected is read. */
  readonly shape: Shape | null
  /** Keys in the replacements, which nothing but Snowflake may be shown: see `withoutKeys`. */
  readonly secrets: readonly KeyText[]
}

/**
 * @throws FrostgateError ColumnUseRefused, ColumnUnresolvable, MaskImpossible, MaskKeyMissing,
 * MaskUnmatched, ConstructOnProtected, PersistRefused, ProtectedChangeRefused, ProtectedValueRefused,
 * MaskWriteBack; StatementUnsupported, StageRefused, DynamicRefused
 */
export function planMasking(input: MaskingInput): MaskPlan {
  const { parsed, facts, resolution, masks, context, bindings } = input
  refuseUnread(input)
  const binding = masksFor(masks, input.principal)
  refuseUnmatched(binding, resolution.relations)
  const maskedOf = maskedRelations(resolution.relations, binding)
  const keyring = keyringOf(input.keys)
  const reads = readsOf(resolution, { maskedOf, binding, visibility: input.visibility, keyring })
  const relations = [...new Set(reads.map((read) => read.masked))]
  const requalified = new Map<number, Requalified>()
  let carriesProtected = false
  const surroundings: Surroundings = {
    objectOf: objectsOf(reads),
    tableOf: (call) => {
      const shape = input.tableOf?.(call)
      carriesProtected ||= shape !== undefined && wholeShape(shape).taint.size > 0
      return shape
    },
    requalify: (found) => requalified.set(found.span.start, found),
  }
  const targets = targetsOf(input, binding, maskedOf)
  const harmless = !targets && isHarmless(input, reads)

  const { statement } = parsed
  if (harmless)
    refuseAstray(statement, new Set(reads.map(({ resolved }) => resolved.use.reference)))
  const query = queryOf(statement)
  const shape = query === null || harmless ? null : traced(input, query, surroundings, relations)
  const own: Replacement[] = [...named(input), ...(input.resultIds ?? [])]
  if (writes(statement)) {
    const setting = { parsed, facts, resolution, context, bindings, binding, all: masks }
    const writing = new Writing({ ...setting, maskedOf, surroundings, relations, harmless })
    judgeWrites(statement, writing)
    own.push(...writtenNames(statement, writing))
  }
  const rewritten = [
    ...reads.map((read) => readInstead(parsed, read.resolved, read.projection)),
    ...[...requalified.values()].map(({ span, name }) => ({ span, text: quoteName(name) })),
    ...own,
  ]
  const masked = relations.flatMap(({ columns }) => [...columns.values()])
  const touchesProtected = targets || carriesProtected || relations.some(touches)
  if (statement.kind === 'Explain' && touchesProtected) {
    const read = relations.find(touches)?.relation.name
    const object = read === undefined ? 'an earlier result' : displayObject(read)
    throw FrostgateError.of('ConstructOnProtected', { construct: 'EXPLAIN', object })
  }
  return {
    replacements: keepNames(parsed, rewritten),
    maskedColumns: masked.map(columnName),
    maskingRules: [...new Set(masked.flatMap(({ rules }) => rules))],
    touchesProtected,
    outputs: shape === null || statement.kind === 'Explain' ? null : outputPlans(shape),
    shape,
    secrets: keyring.secrets,
  }
}

/** A listing's hidden rows are as protected: Snowflake may compute on a row before it drops it. */
function touches({ touchesProtected, relation }: MaskedRelation): boolean {
  return touchesProtected || isInformationSchema(relation.name)
}

/** The query that a statement is, or that it explains. */
function queryOf(statement: Statement): Query | null {
  const inner = statement.kind === 'Explain' ? statement.statement : statement
  return inner.kind === 'QueryStatement' ? inner.query : null
}

function objectsOf(reads: readonly Read[]): Surroundings['objectOf'] {
  const byReference = new Map(reads.map((read) => [read.resolved.use.reference, read]))
  // A view's own filters are its author's, not this statement's, so they count for nothing here.
  const plain = once((m: MaskedRelation) => knownObject(m, { rewritten: false, hidden: noTaint }))
  const derived = once((m: MaskedRelation) => knownObject(m, { rewritten: true, hidden: noTaint }))
  return (reference: TableReference) => {
    const read = byReference.get(reference)
    return read && (read.projection === null ? plain : derived)(read.masked)
  }
}

/** Are rows of a relation changed that rules speak of, even by a column not yet in the catalogue? */
function targetsOf(
  { resolution }: MaskingInput,
  binding: readonly CompiledMask[],
  maskedOf: (relation: CatalogRelation) => MaskedRelation,
): boolean {
  return resolution.targets.some(
    ({ use, name, relation }) =>
      changesRows(use) &&
      ((relation !== null && maskedOf(relation).touchesProtected) ||
        binding.some(({ columns }) => columns.some((pattern) => matchesObject(pattern, name)))),
  )
}

/** All is read by its name and nothing is protected, so nothing needs to be traced. */
function isHarmless({ facts }: MaskingInput, reads: readonly Read[]): boolean {
  return (
    facts.priorResults.length === 0 &&
    reads.every(({ masked, projection }) => !masked.touchesProtected && projection === null)
  )
}

function traced(
  { parsed }: MaskingInput,
  query: Query,
  surroundings: Surroundings,
  relations: readonly MaskedRelation[],
): Shape {
  const { shape, uses } = traceLineage(query, surroundings)
  checkUse(uses, (token) => positionOf(parsed, token), relations)
  return shape
}

/** Targets in full; of a protected one with the columns that INSERT means. */
function writtenNames(statement: Statement, writing: Writing): readonly Replacement[] {
  const { parsed, context } = writing.setting
  const names = [...targetNames(writing.setting), ...copiedNames(parsed, context)]
  if (statement.kind !== 'Insert') return names
  const list = columnList(statement, writing)
  return names.map(({ span, text }) => ({ span, text: text + list }))
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
  const { statement } = parsed
  const stage = strayStage(statement, facts)
  const explained = statement.kind !== 'Explain' || queryOf(statement) !== null
  // What it writes and no family judges is not understood, whatever governs it.
  const known = facts.writes.length === 0 || writes(statement)
  if (!isGoverned(statement) || !explained || !known) {
    const kind = kindWords(statement, facts)
    throw FrostgateError.of('StatementUnsupported', { kind })
  }
  if (stage !== undefined) throw FrostgateError.of('StageRefused', { stage: stage.name })
  if (dynamic !== undefined) {
    const position = positionOf(parsed, dynamic.span.start)
    throw FrostgateError.of('DynamicRefused', { what: dynamic.what, ...position }, position)
  }
}
