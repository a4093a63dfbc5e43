/** Looks for values that must not be somewhere: SSNs in any spelling, and secrets. Pure. */

import { createHash } from 'node:crypto'

/** What was found, in words; never the value itself in full. */
export type Finder = (text: string) => readonly string[]

interface Spelling {
  readonly name: string
  /** Finds what may be one; group 1, or all of the match, is read back. */
  readonly pattern: RegExp
  readonly of: (ssn: string) => string
  /** From what was found to what `of` gives. */
  readonly read?: (found: string) => string
}

const hash = (algorithm: string) => (ssn: string) => createHash(algorithm).update(ssn).digest('hex')

/** Lookaheads find spellings that overlap. */
const spellings: readonly Spelling[] = [
  { name: 'SSN', pattern: /(?=(\d{3}-\d{2}-\d{4}))/g, of: (ssn) => ssn },
  {
    name: 'SSN without hyphens',
    pattern: /(?<![\w.])(\d{9})(?![\w.])/g,
    of: (ssn) => ssn.replaceAll('-', ''),
  },
  {
    name: 'SSN backwards',
    pattern: /(?=(\d{4}-\d{2}-\d{3}))/g,
    of: (ssn) => Buffer.from(ssn).reverse().toString(),
  },
  {
    name: 'SSN in hexadecimal',
    pattern: /(?=((?:3\d){3}2d(?:3\d){2}2d(?:3\d){4}))/gi,
    of: (ssn) => ssn,
    read: (found) => Buffer.from(found, 'hex').toString('latin1'),
  },
  {
    name: 'SSN in Base64',
    pattern: /[A-Za-z0-9+/]{15}=/g,
    of: (ssn) => ssn,
    read: (found) => Buffer.from(found, 'base64').toString('latin1'),
  },
  {
    name: 'MD5 of an SSN',
    pattern: /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/gi,
    of: hash('md5'),
    read: (found) => found.toLowerCase(),
  },
  {
    name: 'SHA-256 of an SSN',
    pattern: /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi,
    of: hash('sha256'),
    read: (found) => found.toLowerCase(),
  },
  {
    name: 'beginning of an SSN',
    pattern: /(?<![\w.-])(9\d{2}-\d{2})-?(?![\w.])/g,
    of: (ssn) => ssn.slice(0, 6),
  },
]

/** Finds any of the SSNs in any of the spellings. */
export function ssnFinder(ssns: readonly string[]): Finder {
  const known = spellings.map((spelling) => ({
    ...spelling,
    values: new Set(ssns.map(spelling.of)),
  }))
  return (text) =>
    known.flatMap(({ name, pattern, values, read = (found) => found }) => {
      const count = [...text.matchAll(pattern)].filter((match) =>
        values.has(read(match[1] ?? match[0])),
      ).length
      return count === 0 ? [] : [`${name} (${count} times)`]
    })
}

/** Finds any of the named values as it stands. */
export function secretFinder(secrets: readonly Secret[]): Finder {
  return (text) => secrets.filter(({ value }) => text.includes(value)).map(({ name }) => name)
}

export interface Secret {
  readonly name: string
  readonly value: string
}
