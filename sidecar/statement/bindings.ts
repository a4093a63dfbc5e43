/** Bind values of a query-request, checked: single ones and lists, by position or by name. */

import { FrostgateError } from '../errors.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'

/** Snowflake's bind types (drivers' own tables); others are refused. */
const bindTypes = new Set([
  'FIXED', 'REAL', 'TEXT', 'BINARY', 'BOOLEAN', 'DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ',
  'TIMESTAMP_TZ', 'VARIANT', 'OBJECT', 'ARRAY', 'DECFLOAT', 'ANY',
]) // prettier-ignore

const bindLimit = 100_000

/** `{name: {type, value, fmt?}}`, values text, null, or lists of these. Errors: RequestInvalid. */
export function bindingsOf(value: unknown): JsonObject | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw invalid('bindings is not an object')
  const entries = Object.entries(value)
  if (entries.length === 0) return undefined
  if (entries.length > bindLimit) throw invalid(`there are more than ${bindLimit} binds`)
  return Object.fromEntries(entries.map(([name, bind]) => [bindName(name), bindOf(name, bind)]))
}

/** The first bind of a structured type: its value means nothing without its `schema`. */
export function structuredBind(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  return Object.entries(value).find(([, bind]) => isObject(bind) && !isEmpty(bind['schema']))?.[0]
}

/** JDBC and Go send an empty one with every bind. */
function isEmpty(schema: unknown): boolean {
  if (isObject(schema)) return Object.keys(schema).length === 0
  return schema === undefined || schema === null || schema === ''
}

function bindName(name: string): string {
  if (!/^\w{1,255}$/.test(name))
    throw invalid('a bind is named neither by position nor by a plain name')
  return name
}

function bindOf(name: string, bind: unknown): JsonObject {
  if (!isObject(bind)) throw invalid(`bind ${name} is not an object`)
  const type = textOf(bind['type'])?.toUpperCase()
  if (type === undefined || !bindTypes.has(type)) throw invalid(`bind ${name} has no known type`)
  const value = bind['value'] ?? null
  const cells: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value]
  if (!cells.every((cell) => cell === null || typeof cell === 'string'))
    throw invalid(`bind ${name} is neither text nor null`)
  const format = textOf(bind['fmt'])
  if (format !== undefined && !/^[\w.-]{1,40}$/.test(format))
    throw invalid(`bind ${name} has a format that is no plain word`)
  return { type, value, ...(format === undefined ? {} : { fmt: format }) }
}

function invalid(reason: string): FrostgateError {
  return FrostgateError.of('RequestInvalid', { reason })
}
