/**
 * The protected values of the three databases: different wherever the mask hides it, the same
 * wherever the mask shows it. Made by arithmetic, so that a run can be repeated.
 */

import { createHash } from 'node:crypto'

import type { MaskMethod } from '../../../sidecar/control/bundle.ts'
import { bucketSize, type Holding, type MethodsByHolding } from './methods.ts'

/** Which of the three databases. */
export type Copy = 0 | 1 | 2
export const copies: readonly Copy[] = [0, 1, 2]

export const people = 10

export type Person = Readonly<Record<Holding, string | null>>

/** Persons 2 and 7 share their values, so that equality has something to show. */
const twinOf = (person: number): number => (person === 7 ? 2 : person)

/** Nobody knows these of person 3; where the mask hides NULL too, of others in other databases. */
function isUnknown(person: number, copy: Copy, method: MaskMethod): boolean {
  return person === (method.kind === 'null' ? 3 + copy : 3)
}

/** A number from 0 to `below`, the same for the same words. */
function pick(below: number, ...words: readonly (string | number)[]): number {
  const digest = createHash('sha256').update(words.join('/')).digest()
  return digest.readUIntBE(0, 6) % below
}

const digits = (width: number, ...words: readonly (string | number)[]): string =>
  String(pick(10 ** width, ...words)).padStart(width, '0')

type Make = (person: number, copy: Copy, method: MaskMethod) => string

const make: Readonly<Record<Holding, Make>> = {
  ssn: (person, copy, method) => {
    const shown = method.kind === 'partial' || method.kind === 'regex'
    const last = shown ? digits(4, 'last', person) : digits(4, 'last', person, copy)
    // Nothing in it for the pattern to find, which must not let it through.
    if (method.kind === 'regex' && person === 5) return `unknown ${'abc'.charAt(copy)}`
    // `redact` hides the length as well; the area begins with 9, as no real one does.
    if (method.kind === 'redact' && person === 6) return `9${digits(7 + copy, person, copy)}`
    return `9${digits(2, 'area', person, copy)}-${digits(2, 'group', person, copy)}-${last}`
  },
  email: (person, copy, method) => {
    const initial = 'klmnopqrst'.charAt(person)
    const local = `${initial}${digits(6, 'local', person, copy)}`
    if (method.kind === 'partial') return `${local}@${'xyz'.charAt(copy)}${person}.example`
    if (method.kind === 'email') return `${local.slice(0, 4 + copy)}@clinic${person % 3}.example`
    return `${'abc'.charAt(copy)}${local}@host${digits(2, 'host', person, copy)}.example`
  },
  dob: (person, copy, method) => {
    const kept = method.kind === 'dateTruncate'
    const month = kept ? pick(12, 'month', person) : pick(12, 'month', person, copy)
    const year = kept ? pick(60, 'year', person) : pick(60, 'year', person, copy)
    const day = 1 + ((pick(9, 'day', person) + 9 * copy) % 28)
    return `${1940 + year}-${String(month + 1).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  },
  salary: (person, copy, method) => {
    const bucket =
      method.kind === 'bucket' ? pick(12, 'pay', person) : pick(12, 'pay', person, copy)
    const within = pick(bucketSize * 100, 'within', person, copy)
    // An odd number of cents, which no unprotected number here has.
    return ((bucket * bucketSize * 100 + (within - (within % 100) + 37 + copy * 20)) / 100).toFixed(
      2,
    )
  },
  doc: (person, copy) =>
    JSON.stringify({
      ssn: `9${digits(2, 'doc', person, copy)}-${digits(2, 'docs', person, copy)}-${digits(4, person, copy)}`,
      [`key${digits(3, 'key', person, copy)}`]: Array.from({ length: 1 + copy }, () => 'x'),
    }),
}

const holdings = Object.keys(make) as readonly Holding[]

/** The protected values of person 0 … `people` - 1 in one of the databases. */
export function personOf(person: number, copy: Copy, methods: MethodsByHolding): Person {
  const values = holdings.map((holding) => {
    const method = methods[holding]
    const unknown = isUnknown(person, copy, method)
    return [holding, unknown ? null : make[holding](twinOf(person), copy, method)]
  })
  return Object.fromEntries(values) as Person
}

/** Every protected value of all three databases. */
export function everyPerson(methods: MethodsByHolding): readonly Person[] {
  return copies.flatMap((copy) =>
    Array.from({ length: people }, (_, person) => personOf(person, copy, methods)),
  )
}

/**
 * What the account's token function gives for each SSN and address of one database. In all three a
 * person has the same token: for databases in which the same persons have equal values there are
 * keys with which they have, so that nothing needs to be renamed before it is compared.
 */
export function tokensOf(
  copy: Copy,
  methods: MethodsByHolding,
): readonly (readonly [value: string, token: string])[] {
  const tokens = Array.from({ length: people }, (_, person) => {
    const { ssn, email } = personOf(person, copy, methods)
    const twin = twinOf(person)
    const spelled = `8${digits(2, 'token', twin)}-${digits(2, 'of', twin)}-${digits(4, 'ssn', twin)}`
    return [
      [ssn, spelled],
      [email, `t${digits(12, 'email', twin)}`],
    ] as const
  })
  return tokens
    .flat()
    .flatMap(([value, token]) => (value === null ? [] : [[value, token] as const]))
}
