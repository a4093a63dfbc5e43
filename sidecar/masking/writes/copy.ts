/**
 * COPY INTO. Its own result, one row for each file, may quote in FIRST_ERROR what stands in that
 * file: never what the target held before, so no protected value.
 */

import { displayObject, isInformationSchema, matchesObject, qualify } from '../../catalog/names.ts'
import type { NameContext } from '../../catalog/types.ts'
import { FrostgateError } from '../../errors.ts'
import { matchesByName } from '../../policy/governed/copy.ts'
import { formatNames } from '../../policy/governed/file-format.ts'
import { copiedStage } from '../../policy/stages.ts'
import type { PropertyValue, Stage } from '../../sql/ast.ts'
import { namedBy } from '../../sql/facts/named-by.ts'
import type { Parsed, Replacement } from '../../sql/index.ts'
import { knownParts, printName, quoteName } from '../../sql/names.ts'
import { namedStage, printStage } from '../../sql/stage/name.ts'
import type { CopyIntoLocation, CopyIntoTable } from '../../sql/statements.ts'
import { withFrom } from '../lineage/from.ts'
import { carrying, derived, unordered } from '../lineage/taint.ts'
import { outermost } from '../lineage/trace.ts'
import type { Shape } from '../lineage/types.ts'
import { quoteText } from '../methods/mask.ts'
import { everyName, namesOf, protectionOf } from './columns.ts'
import { keepShape } from './insert.ts'
import { valueRefused } from './values.ts'
import type { Target, Writing } from './writing.ts'

/** What files hold is seen by nobody before it is stored: none of it for a protected column. */
export function copyIntoTable(statement: CopyIntoTable, writing: Writing): void {
  const { name, columns } = statement
  if (writing.setting.harmless) return
  const target = writing.target(name)
  const byName = matchesByName(statement)
  const names = byName || columns.length === 0 ? everyName(target) : namesOf(columns)
  const token = name.span.start
  for (const column of names) {
    const protection = protectionOf(writing, target, column, token)
    if (protection !== undefined) throw valueRefused(writing, protection, 'a file', token)
  }
  if (byName) refuseFurther(writing, target, token)
}

/** By name a file may fill columns that are not in the catalogue yet, and even make them. */
function refuseFurther(writing: Writing, { name }: Target, token: number): void {
  for (const { columns, name: rule } of writing.setting.binding) {
    const pattern = columns.find((each) => matchesObject(each, name))
    if (pattern === undefined) continue
    const shown = `${displayObject(name)}.${printName([pattern.column ?? '*'])}`
    throw valueRefused(writing, { rule, shown }, 'a file', token)
  }
}

/** Files outlive every rule: of protected data they hold nothing, nor do their names. */
export function copyIntoLocation(statement: CopyIntoLocation, writing: Writing): void {
  const { source, partitionBy } = statement
  const { harmless, relations } = writing.setting
  if (source.kind === 'TableReference') refuseListing(writing)
  if (harmless) return
  const shape = shapeOf(statement, writing)
  keepShape(writing, shape)
  if (partitionBy === undefined) return
  // A name that the output has not may be found behind it.
  const behind = relations.flatMap(({ columns }) =>
    [...columns.values()].map((column) => carrying(column, partitionBy.span.start)),
  )
  const seen = (of: Shape) => ({ names: [], shape: of, standIn: null, closed: false })
  const parent = { ...outermost, sources: [seen(unordered([], derived(behind)))] }
  writing.keep(partitionBy, { ...outermost, parent, sources: [seen(shape)] })
}

/** Rows that are not to be seen are left out by a query only. */
function refuseListing({ setting, words }: Writing): void {
  const listing = setting.resolution.objects.find(({ name }) => isInformationSchema(name))
  if (listing === undefined) return
  const object = displayObject(listing.name)
  throw FrostgateError.of('ConstructOnProtected', { construct: words, object })
}

function shapeOf({ source }: CopyIntoLocation, writing: Writing): Shape {
  if (source.kind === 'Query') return writing.query(source)
  const [table] = withFrom([source], outermost, writing.tracer).sources
  if (table === undefined) writing.unsupported()
  return table.shape
}

// ── Names ─────────────────────────────────────────────────────────────────────────────────────

/** The stage and file formats in full: a USE beside it must not change which they are. */
export function copiedNames(
  { statement, tokens }: Parsed,
  context: NameContext,
): readonly Replacement[] {
  if (statement.kind !== 'CopyIntoTable' && statement.kind !== 'CopyIntoLocation') return []
  const stage = copiedStage(statement)
  const { source, options } = statement
  const query = source?.kind === 'Query' && source.body.kind === 'Select' ? source.body : undefined
  const inSource = query?.from.flatMap((item) =>
    item.kind === 'StageRelation' ? item.options : [],
  )
  const formats = formatNames([...options, ...(inSource ?? [])])
  return [
    ...(stage === undefined ? [] : [stageInFull(stage)]),
    ...formats.flatMap((format) => formatInFull(format)),
  ]

  function stageInFull({ text, span }: Stage): Replacement {
    const known = namedStage(text)
    // Policy refuses what has no name of its own.
    if (known === undefined) throw FrostgateError.of('StageRefused', { stage: text })
    const { database, schema, name } = qualify(known.parts, context)
    const full = printStage({ ...known, parts: [database, schema, name] })
    return { span, text: tokens[span.start]?.type === 'string' ? quoteText(full) : full }
  }

  function formatInFull(value: PropertyValue): readonly Replacement[] {
    const named = namedBy(value)
    if (named === undefined) return []
    const { database, schema, name } = qualify(knownParts(named), context)
    const full = quoteName([database, schema, name])
    return [{ span: value.span, text: value.kind === 'Literal' ? quoteText(full) : full }]
  }
}
