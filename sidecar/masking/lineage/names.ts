/** From a name in a query block to what it carries. */

import { displayObject } from '../../catalog/names.ts'
import { FrostgateError } from '../../errors.ts'
import type { ColumnReference, Identifier, ObjectName, Positional, Span } from '../../sql/ast.ts'
import { printName } from '../../sql/names.ts'
import { namesOf } from './shape-names.ts'
import { clean, derived, either, namedAt, wholeShape } from './taint.ts'
import type { Scope, Source, Tracer, Traced } from './types.ts'

/**
 * Traces `[qualifier.]column`. A name that could mean several things carries what all of them do:
 * which wins (column, alias, outer block) is Snowflake's to know, not ours to bet on.
 */
export function columnReference(reference: ColumnReference, scope: Scope, tracer: Tracer): Traced {
  const { parts } = reference
  const column = parts.at(-1)
  if (column === undefined) return clean
  const value =
    parts.length === 1
      ? unqualified(column.value, scope, tracer)
      : qualified(reference, parts.slice(0, -1), column.value, scope, tracer)
  return kept(value, reference, tracer)
}

/** One name may carry all of a wide relation, and be written many times. */
function kept(value: Traced, { span }: { readonly span: Span }, tracer: Tracer): Traced {
  if (value.taint.size === 0) return value
  tracer.spend(50 * value.taint.size)
  const named = namedAt(value, span.start)
  tracer.named?.(named)
  return named
}

function unqualified(name: string, scope: Scope, tracer: Tracer): Traced {
  const possible: Traced[] = []
  for (let block: Scope | null = scope; block !== null; block = block.parent) {
    const parameter = block.parameters.get(name)
    if (parameter !== undefined) possible.push(parameter)
    const found: Traced[] = []
    const loose: Traced[] = []
    for (const { shape } of block.sources) {
      tracer.spend(shape.columns.length)
      const { named, unnamed } = namesOf(shape)
      for (const value of named.get(name) ?? none) found.push(value)
      for (const value of unnamed) loose.push(value)
    }
    const items = block.aliases.get(name) ?? []
    // Only a column certainly hides those of outer blocks.
    possible.push(...items.flatMap((item) => item.trace() ?? []))
    possible.push(...loose)
    if (found.length > 0) return either(possible.length === 0 ? found : [...found, ...possible])
  }
  if (possible.length > 0) return either(possible)
  return untraced(
    name,
    [...enclosing(scope)].flatMap((block) => block.sources),
  )
}

function qualified(
  { span }: ColumnReference,
  qualifier: readonly Identifier[],
  name: string,
  scope: Scope,
  tracer: Tracer,
): Traced {
  const sources = sourcesNamed(qualifier, scope)
  requalify(sources, qualifier, { span, suffix: [name] }, tracer)
  if (sources.length === 0) {
    const shown = printName([...qualifier.map((part) => part.value), name])
    return untraced(
      shown,
      [...enclosing(scope)].flatMap((block) => block.sources),
    )
  }
  const found = sources.flatMap((source) => columnsNamed(source, name, tracer))
  const possible = [...found, ...sources.flatMap(({ shape }) => namesOf(shape).unnamed)]
  return possible.length === 0 ? untraced(name, sources) : either(possible)
}

/** The sources of the innermost block that has one of this name. */
function sourcesNamed(qualifier: readonly Identifier[], scope: Scope): readonly Source[] {
  for (let block: Scope | null = scope; block !== null; block = block.parent) {
    const sources = block.sources.filter((source) => isNamed(source, qualifier))
    if (sources.length > 0) return sources
  }
  return []
}

/** As `sourcesNamed`, for the qualifier of `t.*` or `t.$3`. */
export function sourcesQualified(
  qualifier: ObjectName,
  scope: Scope,
  tracer: Tracer,
): readonly Source[] {
  const sources = sourcesNamed(qualifier.parts, scope)
  requalify(sources, qualifier.parts, { span: qualifier.span, suffix: [] }, tracer)
  return sources
}

/** `PATIENTS.SSN` means the stand-in as it is; `DB.S.PATIENTS.SSN` would mean nothing. */
function requalify(
  sources: readonly Source[],
  qualifier: readonly Identifier[],
  { span, suffix }: { readonly span: Span; readonly suffix: readonly string[] },
  tracer: Tracer,
): void {
  if (qualifier.length < 2) return
  const standIn = sources.find((source) => source.standIn !== null)?.standIn
  if (standIn === null || standIn === undefined) return
  tracer.requalify({ span, name: [standIn, ...suffix] })
}

function isNamed(source: Source, qualifier: readonly Identifier[]): boolean {
  const offset = source.names.length - qualifier.length
  return offset >= 0 && qualifier.every((part, i) => source.names[offset + i] === part.value)
}

/** `$3` and `t.$3`. */
export function positional(reference: Positional, scope: Scope, tracer: Tracer): Traced {
  const sources =
    reference.qualifier === undefined
      ? ([...enclosing(scope)].find((block) => block.sources.length > 0)?.sources ?? [])
      : sourcesQualified(reference.qualifier, scope, tracer)
  const [only, ...more] = sources
  const column =
    only?.shape.known === true && more.length === 0
      ? only.shape.columns[reference.position - 1]
      : undefined
  const value =
    column?.value ??
    untraced(`$${String(reference.position)}`, sources.length > 0 ? sources : all(scope))
  return kept(value, reference, tracer)
}

function all(scope: Scope): readonly Source[] {
  return [...enclosing(scope)].flatMap((block) => block.sources)
}

export function* enclosing(scope: Scope): Generator<Scope> {
  for (let block: Scope | null = scope; block !== null; block = block.parent) yield block
}

export function columnsNamed(source: Source, name: string, tracer: Tracer): readonly Traced[] {
  tracer.spend(source.shape.columns.length)
  return namesOf(source.shape).named.get(name) ?? none
}

const none: readonly Traced[] = []

/**
 * A name that none of these sources has: it carries whatever they do. Where they cannot have it,
 * Snowflake would refuse the statement with a text that we would have to withhold.
 * @throws FrostgateError ColumnUnresolvable
 */
function untraced(name: string, sources: readonly Source[]): Traced {
  const whole = derived(sources.map((source) => wholeShape(source.shape)))
  const [column] = whole.taint.keys()
  if (column !== undefined && sources.every((source) => source.closed)) {
    throw FrostgateError.of('ColumnUnresolvable', {
      column: printName([name]),
      usage: 'the statement',
      object: displayObject(column.relation.name),
    })
  }
  return { ...whole, untraced: name }
}
