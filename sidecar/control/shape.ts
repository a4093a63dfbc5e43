/**
 * Readers of JSON: each takes an unknown value and returns it typed, or throws with the field's
 * name. What a reader of an object does not name is refused, so a bundle of a newer version is
 * never half understood.
 */

/** A value that does not have the expected shape. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
  /** `policies[0].mode`; empty for the value as a whole. */
  readonly field: string

  constructor(field: string, expected: string) {
    super(`${field === '' ? 'the bundle' : field} must be ${expected}`)
    this.field = field
  }
}

export type Reader<T> = (value: unknown, field: string) => T

type Shape = Readonly<Record<string, Reader<unknown>>>
type Fields<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> }

export const text: Reader<string> = (value, field) => {
  if (typeof value === 'string' && value !== '') return value
  throw new ShapeError(field, 'a string that is not empty')
}

/** What people have written: it may be empty. */
export const words: Reader<string> = (value, field) => {
  if (typeof value === 'string') return value
  throw new ShapeError(field, 'a string')
}

/** A whole number within bounds, both included. */
export function whole(from: number, to: number): Reader<number> {
  return (value, field) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) {
      return value
    }
    throw new ShapeError(field, `a whole number from ${from} to ${to}`)
  }
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Reader<T> {
  return (value, field) => {
    const found = allowed.find((each) => each === value)
    if (found !== undefined) return found
    throw new ShapeError(field, `one of ${allowed.join(', ')}`)
  }
}

export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (value, field) => (value === undefined ? undefined : read(value, field))
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, field) => (value === null ? null : read(value, field))
}

export function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, field) => {
    if (!Array.isArray(value)) throw new ShapeError(field, 'a list')
    return value.map((item: unknown, index) => read(item, `${field}[${index}]`))
  }
}

/** A list with at least one entry. */
export function someOf<T>(read: Reader<T>): Reader<readonly T[]> {
  const readList = list(read)
  return (value, field) => {
    const items = readList(value, field)
    if (items.length > 0) return items
    throw new ShapeError(field, 'a list that is not empty')
  }
}

export function record<T>(read: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, field) =>
    Object.fromEntries(
      Object.entries(asObject(value, field)).map(([name, member]) => [
        name,
        read(member, `${field}[${JSON.stringify(name)}]`),
      ]),
    )
}

/** An object with exactly these fields. */
export function object<S extends Shape>(shape: S): Reader<Fields<S>> {
  return (value, field) => {
    const given = asObject(value, field)
    const prefix = field === '' ? '' : `${field}.`
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(shape, name))
    if (unknown !== undefined) {
      throw new ShapeError(`${prefix}${unknown}`, 'left out: this version does not know it')
    }
    const read = Object.entries(shape).map(([name, reader]) => [
      name,
      reader(Object.hasOwn(given, name) ? given[name] : undefined, `${prefix}${name}`),
    ])
    return Object.fromEntries(read) as Fields<S>
  }
}

/** An object whose `kind` says which of `readers` reads it. */
export function byKind<T>(readers: Readonly<Record<string, Reader<T>>>): Reader<T> {
  return (value, field) => {
    const { kind } = asObject(value, field)
    const read =
      typeof kind === 'string' && Object.hasOwn(readers, kind) ? readers[kind] : undefined
    if (read !== undefined) return read(value, field)
    throw new ShapeError(`${field}.kind`, `one of ${Object.keys(readers).join(', ')}`)
  }
}

function asObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw new ShapeError(field, 'an object')
}
