/** The mask methods under test: what masks which protected column, for each of them. */

import type { MaskMethod } from '../../../sidecar/control/bundle.ts'
import type { MethodName } from '../lists/types.ts'

/** The protected columns by what they hold; `doc` is a VARIANT. */
export type Holding = 'ssn' | 'email' | 'dob' | 'salary' | 'doc'

export type MethodsByHolding = Readonly<Record<Holding, MaskMethod>>

const redact: MaskMethod = { kind: 'redact' }
const nothing: MaskMethod = { kind: 'null' }

/** What the columns are masked by that the method under test does not fit. */
const plain: MethodsByHolding = {
  ssn: redact,
  email: redact,
  dob: redact,
  salary: nothing,
  doc: nothing,
}

/** The function holds the key, so databases of equal patterns can have equal tokens, too. */
const key = { kind: 'function', database: 'HEALTH', schema: 'PUBLIC', name: 'TOKEN_OF' } as const

export const bucketSize = 5_000

export const methodsUnderTest: Readonly<Record<MethodName, MethodsByHolding>> = {
  redact: { ...plain, salary: redact },
  null: { ssn: nothing, email: nothing, dob: nothing, salary: nothing, doc: nothing },
  partial: {
    ...plain,
    ssn: { kind: 'partial', keepFirst: 0, keepLast: 4 },
    email: { kind: 'partial', keepFirst: 1, keepLast: 0 },
  },
  email: { ...plain, email: { kind: 'email' } },
  hash: { ...plain, ssn: { kind: 'hash', key }, email: { kind: 'hash', key } },
  token: {
    ...plain,
    ssn: { kind: 'token', key, format: 'Opaque', domain: 'ssn' },
    email: { kind: 'token', key, format: 'Opaque', domain: 'email' },
  },
  'token-digits': {
    ...plain,
    ssn: { kind: 'token', key, format: 'Digits', domain: 'ssn' },
  },
  dateTruncate: { ...plain, dob: { kind: 'dateTruncate', to: 'Month' } },
  bucket: { ...plain, salary: { kind: 'bucket', size: bucketSize } },
  regex: {
    ...plain,
    ssn: {
      kind: 'regex',
      pattern: '^[0-9]{3}-[0-9]{2}',
      replacement: 'xxx-xx',
      unmatched: 'Redact',
    },
  },
}

export const methodNames = Object.keys(methodsUnderTest) as readonly MethodName[]

/** Characters of the SSN columns: tokens and hashes are longer than what they stand for. */
export function ssnLength(method: MethodName): number {
  return method === 'hash' || method === 'token' ? 100 : 11
}
