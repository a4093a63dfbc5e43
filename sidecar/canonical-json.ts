/**
 * One spelling for a JSON value, so that a hash over it means something: RFC 8785 (JCS). Members
 * are sorted by UTF-16 code units, numbers and strings are written as ECMAScript does, and nothing
 * is written between tokens.
 *
 * Where it departs from the RFC: a lone surrogate is written as its escape instead of being
 * refused, because what a client sent must be recorded whatever it is.
 */

import { hash } from 'node:crypto'

/**
 * `value` in canonical form. Members that are undefined are left out, as JSON.stringify does.
 *
 * @throws TypeError for what JSON cannot say without loss: NaN and infinities, bigint, functions,
 *   undefined outside of a member, and objects that are neither plain nor arrays (dates, maps).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return JSON.stringify(value)
    throw new TypeError(`${String(value)} has no JSON form`)
  }
  if (Array.isArray(value)) {
    // Rows of results are most of what is recorded, and what has no members needs no sorting.
    if (isPlainList(value)) return JSON.stringify(value)
    return `[${Array.from(value, canonicalJson).join(',')}]`
  }
  if (isPlainObject(value)) {
    let members = ''
    // The default order of sort() is that of UTF-16 code units, which the RFC asks for.
    for (const name of Object.keys(value).sort()) {
      const member = value[name]
      if (member === undefined) continue
      members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`
    }
    return `{${members}}`
  }
  throw new TypeError(`A value of type ${typeName(value)} has no JSON form`)
}

/** By index: `every` would skip holes, which JSON cannot say. */
function isPlainList(list: readonly unknown[]): boolean {
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index]
    const plain =
      typeof item === 'string' ||
      typeof item === 'boolean' ||
      item === null ||
      (typeof item === 'number' && Number.isFinite(item)) ||
      (Array.isArray(item) && isPlainList(item))
    if (!plain) return false
  }
  return true
}

/** Hex SHA-256 over the canonical form of `value`. */
export function canonicalSha256(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex')
}

/** Whether two JSON values say the same, whatever the order of their members. */
export function sameJson(one: unknown, other: unknown): boolean {
  return canonicalJson({ value: one }) === canonicalJson({ value: other })
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function typeName(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : typeof value
}
