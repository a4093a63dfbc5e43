/** Adding up what values carry. */

import type { MaskedColumn, Taint } from '../masked.ts'
import { sameTokens } from '../joinable.ts'
import type { OutputColumn, Shape, Traced } from './types.ts'

export const noTaint: Taint = new Map()

export const clean: Traced = { taint: noTaint, carried: null, untraced: null }

export const noColumns: Shape = { columns: [], known: true, rest: clean }

export function carrying(column: MaskedColumn, token: number): Traced {
  return { taint: new Map([[column, token]]), carried: [column], untraced: null }
}

/** A value computed from several: it carries what all carry, none of them unchanged. */
export function derived(values: readonly Traced[]): Traced {
  // Most values of most statements carry nothing, which is soon told.
  if (values.every(isClean)) return clean
  const tainted = values.length === 1 ? values : values.filter((value) => !isClean(value))
  const [first, ...rest] = tainted
  if (first === undefined) return clean
  if (rest.length === 0) return first.carried === null ? first : { ...first, carried: null }
  const taint = new Map(first.taint)
  for (const value of rest) {
    for (const [column, token] of value.taint) {
      taint.set(column, Math.min(token, taint.get(column) ?? token))
    }
  }
  return {
    taint,
    carried: null,
    untraced: tainted.find((v) => v.untraced !== null)?.untraced ?? null,
    ...(tainted.every((value) => value.compared === true) ? { compared: true } : {}),
  }
}

function isClean({ taint, untraced }: Traced): boolean {
  return taint.size === 0 && untraced === null
}

/** Whether the values are equal or not, which tokens of one key tell as well as what they mask. */
export function comparison(values: readonly Traced[]): Traced {
  const all = derived(values)
  return all.taint.size > 0 && haveSameTokens(values) ? { ...all, compared: true } : all
}

function haveSameTokens(values: readonly Traced[]): boolean {
  const carried = values.map((value) => value.carried)
  if (!carried.every((columns) => columns !== null)) return false
  const [first, ...rest] = carried.flat()
  return first !== undefined && rest.every((column) => sameTokens(first, column))
}

export function ofTaint(taint: Taint): Traced {
  return taint.size === 0 ? clean : { taint, carried: null, untraced: null }
}

/** One of several values, unchanged: rows of a set operation, or two columns of one name. */
export function either(values: readonly Traced[]): Traced {
  const only = values[0]
  if (only !== undefined && values.length === 1) return only
  const all = derived(values)
  const carried = values.map((value) => value.carried)
  return carried.every((columns) => columns !== null)
    ? { ...all, carried: [...new Set(carried.flat())] }
    : all
}

/** The same value, as named at `token`. */
export function namedAt(value: Traced, token: number): Traced {
  if (value.taint.size === 0) return value
  return { ...value, taint: new Map([...value.taint.keys()].map((column) => [column, token])) }
}

/** Everything a shape may carry in any column. */
export function wholeShape(shape: Shape): Traced {
  return derived([...shape.columns.map((column) => column.value), shape.rest])
}

/** A shape of which only the names are relied on. */
export function unordered(columns: readonly OutputColumn[], rest: Traced): Shape {
  return { columns, known: false, rest: derived([...columns.map((c) => c.value), rest]) }
}

export function renamed(shape: Shape, names: readonly { readonly value: string }[]): Shape {
  if (names.length === 0) return shape
  if (!shape.known) {
    const columns = names.map((name) => ({ name: name.value, value: shape.rest }))
    return { ...shape, columns }
  }
  const columns = shape.columns.map((column, index) => ({
    name: names[index]?.value ?? column.name,
    value: column.value,
  }))
  return { ...shape, columns }
}
