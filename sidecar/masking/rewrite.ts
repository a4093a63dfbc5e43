/**
 * Mask at read: a relation with protected columns is read through a derived table that names its
 * columns one by one, protected ones as masks of their declared type; any other is read by its
 * full name, so that nothing between check and run can make the name mean another object.
 */

import { displayObject, matchesObject } from '../catalog/names.ts'
import type { CatalogColumn } from '../catalog/types.ts'
import type { ResolvedUse } from '../catalog/types.ts'
import type { CompiledMask } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { printName, quoteIdentifier, quoteName, sourceText, wholeQuery } from '../sql/index.ts'
import type { Parsed, Replacement, WholeQuery } from '../sql/index.ts'
import { printType } from './column-types.ts'
import type { MaskedColumn, MaskedRelation } from './masked.ts'
import type { MaskKeys } from '../control/bundle.ts'
import { keyringOf, maskOf } from './methods/index.ts'
import type { Keyring, KeyText } from './methods/index.ts'

/** How one relation is read: by its name, or by a projection of it. */
export interface Projection {
  /** The select list. */
  readonly select: string
  /** Without `WHERE`; null for all rows. */
  readonly predicate: string | null
}

interface Kept {
  readonly projection: Projection
  /** The keys it was written with; null for a text without any. */
  readonly keys: MaskKeys | null
  readonly secrets: readonly KeyText[]
}

/** A masked relation is one principal's kind of view of one state of one relation. */
const kept = new WeakMap<MaskedRelation, Kept>()

/**
 * The projection that masks a relation, written once for all statements; null if it has nothing to
 * mask. What it holds of keys is noted in `keyring` each time.
 * @throws FrostgateError MaskImpossible, MaskKeyMissing
 */
export function maskingProjection(masked: MaskedRelation, keyring: Keyring): Projection | null {
  const known = kept.get(masked)
  if (known !== undefined && (known.keys === null || known.keys === keyring.keys)) {
    keyring.note(known.secrets)
    return known.projection
  }
  const own = keyringOf(keyring.keys)
  const projection = writtenProjection(masked, own)
  if (projection === null) return null
  const keyed = [...masked.columns.values()].some(({ method }) => maskOf(method).secretName)
  const { secrets } = own
  kept.set(masked, { projection, keys: keyed ? keyring.keys : null, secrets })
  keyring.note(secrets)
  return projection
}

function writtenProjection(masked: MaskedRelation, keyring: Keyring): Projection | null {
  if (masked.columns.size === 0) return null
  const columns = masked.relation.columns.map((column) =>
    projected(column, masked.columns.get(column.name), keyring),
  )
  return { select: columns.join(', '), predicate: null }
}

/**
 * Time travel brings back columns that were dropped or renamed since, which the catalogue does not
 * list. Where rules speak of the relation, one of those may be protected, so it is read by the
 * columns of today; a table without such rules is read as it was.
 */
export function pastProjection(
  { relation }: MaskedRelation,
  masks: readonly CompiledMask[],
): Projection | null {
  // A column that is gone has no tags to tell.
  const spoken = masks.some(
    ({ columns, tags }) =>
      tags.length > 0 || columns.some((pattern) => matchesObject(pattern, relation.name)),
  )
  if (!spoken) return null
  const select = relation.columns.map((column) => quoteIdentifier(column.name)).join(', ')
  return { select, predicate: null }
}

/** @throws FrostgateError MaskImpossible, MaskKeyMissing */
export function projected(
  column: CatalogColumn,
  masked: MaskedColumn | undefined,
  keyring: Keyring,
): string {
  const name = quoteIdentifier(column.name)
  if (masked === undefined) return name
  const mask = maskOf(masked.method)
  if (!mask.accepts(column.type)) {
    throw FrostgateError.of('MaskImpossible', {
      column: columnText(masked),
      type: printType(column.type),
      method: masked.method.kind,
      rule: masked.rule,
    })
  }
  const { rule } = masked
  const secret = mask.secretName
  if (secret !== null && !keyring.has(secret)) {
    throw FrostgateError.of('MaskKeyMissing', { column: columnText(masked), rule, secret })
  }
  return `${mask.sql(name, column.type, { rule, keyring })} AS ${name}`
}

function columnText({ relation, column }: MaskedColumn): string {
  return `${displayObject(relation.name)}.${printName([column.name])}`
}

/** Replaces the name, and with a projection also the clauses that belong to it, not the alias. */
export function readInstead(
  parsed: Parsed,
  { use, name }: ResolvedUse,
  projection: Projection | null,
): Replacement {
  const { reference } = use
  const full = quoteName([name.database, name.schema, name.name])
  if (projection === null) return { span: reference.name.span, text: full }
  const alias = reference.alias === undefined ? ` AS ${quoteIdentifier(name.name)}` : ''
  const clauses = sourceText(parsed, { start: reference.name.span.end, end: reference.span.end })
  if (clauses === '' && projection.predicate === null) {
    const whole = wholeOf(projection, name)
    return { span: reference.span, text: whole.text + alias, whole }
  }
  const table = [
    `SELECT ${projection.select} FROM ${full}`,
    ...(clauses === '' ? [] : [clauses]),
    ...(projection.predicate === null ? [] : [`WHERE ${projection.predicate}`]),
  ].join(' ')
  return { span: reference.span, text: `(${table})${alias}` }
}

/** By the projection, which is of one relation. */
const wholes = new WeakMap<Projection, WholeQuery>()

function wholeOf(
  projection: Projection,
  { database, schema, name }: ResolvedUse['name'],
): WholeQuery {
  const parts = [database, schema, name]
  const known = wholes.get(projection)
  const text = `(SELECT ${projection.select} FROM ${quoteName(parts)})`
  if (known?.text === text) return known
  const whole = wholeQuery(text, parts)
  wholes.set(projection, whole)
  return whole
}
