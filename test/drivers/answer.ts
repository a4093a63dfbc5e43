/** What a driver made of a statement, in words that all drivers share; and judges of it. */

export interface Answer {
  readonly check: string
  readonly milliseconds: number
  readonly columns?: readonly { readonly name: string; readonly type: string }[]
  /** Cells as text that every driver's values can be brought to; null for NULL. */
  readonly rows?: readonly (readonly (string | null)[])[]
  readonly error?: DriverError
}

export interface DriverError {
  /** Name of the exception's class. */
  readonly type: string
  readonly code: number | string | null
  readonly sqlState: string | null
  readonly message: string
}

export type Language = 'python' | 'node'

/** What is true in the warehouse, read there directly. */
export interface Truth {
  /** SSN by patient id. */
  readonly ssns: ReadonlyMap<string, string | null>
  /** Rows of ANALYTICS.PUBLIC.ORDERS, and the SHA-256 of `ORDER_ID|AMOUNT`, one a line. */
  readonly orders: { readonly count: number; readonly digest: string }
}

/** Why the answer is not as promised; undefined if it is. */
export type Judge = (answer: Answer, truth: Truth, language: Language) => string | undefined

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
  return ({ rows: given = [], error }, { ssns }) => {
    if (error) return failed(error)
    if (given.length !== count) return `${given.length} rows came, not ${count}`
    return same(
      given,
      given.map(([id = null]) => [id, maskOf(ssns.get(id ?? '') ?? null)]),
    )
  }
}

export function maskOf(ssn: string | null): string | null {
  return ssn === null ? null : `${'*'.repeat(ssn.length - 4)}${ssn.slice(-4)}`
}

export const orders: Judge = ({ rows: given, error }, truth) =>
  error ? failed(error) : same(given, [[String(truth.orders.count), truth.orders.digest]])

/** What the drivers raise for Snowflake's "insufficient privileges". */
const refusalTypes: Readonly<Record<Language, string>> = {
  python: 'ProgrammingError',
  node: 'OperationFailedError',
}

export function refused(...words: readonly string[]): Judge {
  return fails({ code: 3001, sqlState: '42501' }, ...words)
}

export function fails(
  expected: { readonly code: number; readonly sqlState: string },
  ...words: readonly string[]
): Judge {
  return ({ error }, _truth, language) => {
    if (!error) return 'it ran'
    const { type, code, sqlState, message } = error
    const given = [type, Number(code), sqlState]
    const complaint = same(given, [refusalTypes[language], expected.code, expected.sqlState])
    return complaint ?? saysNot(words, message)
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

function same(given: unknown, expected: unknown): string | undefined {
  const [left, right] = [JSON.stringify(given ?? null), JSON.stringify(expected)]
  return left === right ? undefined : `got ${left.slice(0, 400)}, not ${right.slice(0, 400)}`
}
