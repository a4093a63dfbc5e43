/** Names as text. */

import type { Identifier, TargetName } from './ast.ts'
import type { FunctionUse } from './facts-types.ts'
import { isReserved } from './parser/keywords.ts'

/** How Snowflake stores an unquoted identifier (QUOTED_IDENTIFIERS_IGNORE_CASE is off). */
export function foldIdentifier(word: string): string {
  return word.toUpperCase()
}

/** `"name"`, with quotes inside doubled. */
export function quoteIdentifier(value: string): string {
  return `"${value.replaceAll('"', '""')}"`
}

/** `"A"."B"."C"` of stored names: what runs upstream when a name must mean one object only. */
export function quoteName(parts: readonly string[]): string {
  return parts.map(quoteIdentifier).join('.')
}

/** Stored names as a person would write them: quoted only where they have to be. */
export function printName(parts: readonly string[]): string {
  return parts.map(printIdentifier).join('.')
}

/** A called function as `A.B.F`, a method as `A.B.MODEL!F`. */
export function printFunction({ name, type }: Pick<FunctionUse, 'name' | 'type'>): string {
  if (type !== 'Method') return printName(name)
  return `${printName(name.slice(0, -1))}!${printName(name.slice(-1))}`
}

function printIdentifier(value: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(value) && !value.includes('$$') && !isReserved(value)
    ? value
    : quoteIdentifier(value)
}

/** The stored names of identifiers. */
export function partsOf(name: { readonly parts: readonly Identifier[] }): readonly string[] {
  return name.parts.map((part) => part.value)
}

/** As `partsOf`; none of a name that only run time tells, which so equals no name there is. */
export function knownParts(name: TargetName): readonly string[] {
  return name.kind === 'ObjectName' ? partsOf(name) : []
}
