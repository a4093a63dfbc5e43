/** What a driver made of a statement, in words that all drivers share; and judges of it. */

import { createHash } from 'node:crypto'

import type { Driver } from './driver.ts'

/** Columns, and cells as text that every driver's values can be brought to; null for NULL. */
export interface Table {
  readonly columns?: readonly { readonly name: string; readonly type: string }[]
  readonly rows?: readonly (readonly (string | null)[])[]
}

export interface Answer extends Table {
  readonly check: string
  readonly milliseconds: number
  /** Of several statements. */
  readonly results?: readonly Table[]
  /** The last that an asynchronous statement was said to be. */
  readonly status?: string
  readonly error?: DriverError
  /** What the driver has no API for, in one clause. */
  readonly unsupported?: string
}

export interface DriverError {
  /** Name of the exception's class. */
  readonly type: string
  readonly code: number | string | null
  readonly sqlState: string | null
  readonly message: string
}

/** What is true in the warehouse, read there directly. */
export interface Truth {
  /** SSN by patient id. */
  readonly ssns: ReadonlyMap<string, string | null>
  /** Rows of ANALYTICS.PUBLIC.ORDERS, and the SHA-256 of `ORDER_ID|AMOUNT`, one a line. */
  readonly orders: { readonly count: number; readonly digest: string }
}

export interface Circumstances {
  readonly truth: Truth
  readonly driver: Driver
  /** What the same driver made of the same statement at the warehouse itself. */
  readonly direct: Answer | undefined
}

/** Why the answer is not as promised; undefined if it is. */
export type Judge = (answer: Answer, circumstances: Circumstances) => string | undefined

export function rows(...expected: readonly (readonly (string | null)[])[]): Judge {
  return ({ rows: given, error }) => {
    if (error) return failed(error)
    return same(given, expected)
  }
}

export function columns(...expected: readonly (readonly [name: string, type: string])[]): Judge {
  return ({ columns: given = [], error }) => {
    if (error) return failed(error)
    return same(
      given.map(({ name, type }) => [name, type]),
      expected,
    )
  }
}

/** It ran; what it says is for the statements after it. */
export const ran: Judge = ({ error }) => (error ? failed(error) : undefined)

/** Names, types and cells, or what is raised: all as without a gateway. */
export const asDirect: Judge = ({ columns, rows: given, results, error }, { direct }) => {
  if (!direct) return 'there is no direct answer to compare with'
  if (direct.error) return `the direct connection fails as well: ${failed(direct.error)}`
  if (error) return failed(error)
  return same({ columns, rows: given, results }, {
    columns: direct.columns, rows: direct.rows, results: direct.results,
  }) // prettier-ignore
}

/** Some row has these cells, in these columns. */
export function lists(expected: Readonly<Record<string, string>>): Judge {
  return ({ columns: given = [], rows: all = [], error }) => {
    if (error) return failed(error)
    const names = given.map(({ name }) => name.toLowerCase())
    const fits = (row: readonly (string | null)[]): boolean =>
      Object.entries(expected).every(([name, value]) => row[names.indexOf(name)] === value)
    return all.some(fits) ? undefined : `no row has ${JSON.stringify(expected)}`
  }
}

/** No row has this text anywhere. */
export function hides(text: string): Judge {
  return ({ rows: all = [], error }) => {
    if (error) return failed(error)
    return all.some((row) => row.some((cell) => cell?.includes(text)))
      ? `it shows ${text}`
      : undefined
  }
}

export function all(...judges: readonly Judge[]): Judge {
  return (...given) => {
    for (const judge of judges) {
      const complaint = judge(...given)
      if (complaint !== undefined) return complaint
    }
    return undefined
  }
}

/** Each row is a patient's id and the mask of that patient's SSN. */
export function maskedPatients(count: number): Judge {
  return ({ rows: given = [], error }, { truth }) => {
    if (error) return failed(error)
    return maskedRows(given, count, truth)
  }
}

function maskedRows(
  given: readonly (readonly (string | null)[])[],
  count: number,
  { ssns }: Truth,
): string | undefined {
  if (given.length !== count) return `${given.length} rows came, not ${count}`
  return same(
    given,
    given.map(([id = null]) => [id, maskOf(ssns.get(id ?? '') ?? null)]),
  )
}

/** The same as a checksum, of the patients with the lowest ids. */
export function maskedPatientsSum(count: number): Judge {
  return ({ rows: given, error }, { truth }) => {
    if (error) return failed(error)
    const digest = createHash('sha256')
    const ids = [...truth.ssns.keys()].map(Number).sort((a, b) => a - b)
    for (const id of ids.slice(0, count))
      digest.update(`${id}|${maskOf(truth.ssns.get(String(id)) ?? null) ?? ''}\n`)
    return same(given, [[String(count), digest.digest('hex')]])
  }
}

export function maskOf(ssn: string | null): string | null {
  return ssn === null ? null : `${'*'.repeat(ssn.length - 4)}${ssn.slice(-4)}`
}

export const orders: Judge = ({ rows: given, error }, { truth }) =>
  error ? failed(error) : same(given, [[String(truth.orders.count), truth.orders.digest]])

/** The judges of several results, in their order. */
export function resultsAre(...judges: readonly Judge[]): Judge {
  return ({ check, milliseconds, results = [], error }, circumstances) => {
    if (error) return failed(error)
    if (results.length !== judges.length)
      return `${results.length} results came, not ${judges.length}`
    for (const [index, judge] of judges.entries()) {
      const complaint = judge({ check, milliseconds, ...results[index] }, circumstances)
      if (complaint !== undefined) return `result ${index + 1}: ${complaint}`
    }
    return undefined
  }
}

/** It took so long at least: it was not answered before its time. */
export function atLeast(milliseconds: number): Judge {
  return ({ milliseconds: took }) => (took < milliseconds ? `it took ${took} ms only` : undefined)
}

/** An error of any kind, in time: which one is the driver's own business. */
export function fallsWithin(milliseconds: number, ...words: readonly string[]): Judge {
  return ({ error, milliseconds: took }) => {
    if (!error) return 'it ran to its end'
    return took > milliseconds ? `it took ${took} ms` : saysNot(words, error.message)
  }
}

export function refused(...words: readonly string[]): Judge {
  return fails({ code: 3001, sqlState: '42501' }, ...words)
}

export function fails(
  expected: { readonly code: number; readonly sqlState: string },
  ...words: readonly string[]
): Judge {
  return ({ error }, { driver }) => {
    if (!error) return 'it ran'
    const { type, code, sqlState, message } = error
    const given = [type, Number(code), sqlState]
    const complaint = same(given, [driver.refusalType, expected.code, expected.sqlState])
    return complaint === undefined ? saysNot(words, message) : `${complaint}: ${message}`
  }
}

/** A login that was refused, within `milliseconds`. Drivers name the exception differently. */
export function loginRefused(
  code: number,
  milliseconds: number,
  ...words: readonly string[]
): Judge {
  return ({ error, milliseconds: took }) => {
    if (!error) return 'the login was accepted'
    if (Number(error.code) !== code) return `the code is ${String(error.code)}: ${error.message}`
    if (took > milliseconds) return `it took ${took} ms`
    return saysNot(words, error.message)
  }
}

function saysNot(words: readonly string[], message: string): string | undefined {
  const missing = words.find((word) => !message.includes(word))
  return missing === undefined ? undefined : `the message does not say ${missing}: ${message}`
}

function failed({ type, code, message }: DriverError): string {
  return `${type} ${String(code)}: ${message}`
}

/** Where they part, with what stands there. */
function same(given: unknown, expected: unknown): string | undefined {
  const [left, right] = [JSON.stringify(given ?? null), JSON.stringify(expected)]
  if (left === right) return undefined
  let parting = 0
  while (left[parting] === right[parting]) parting += 1
  const from = Math.max(0, parting - 200)
  return `got ${left.slice(from, from + 400)}, not ${right.slice(from, from + 400)}`
}
