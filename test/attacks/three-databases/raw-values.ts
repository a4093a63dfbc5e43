/** Looks for protected values in whatever an agent can see. */

import type { MethodName } from '../lists/types.ts'
import { methodsUnderTest } from './methods.ts'
import { everyPerson } from './values.ts'

/** The values of all three databases that stand in a text, in any of the forms they are written. */
export type RawSearch = (text: string) => readonly string[]

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Dates are left out, which are too common; that the databases look the same covers them. */
export function rawSearch(method: MethodName): RawSearch {
  const values = everyPerson(methodsUnderTest[method]).flatMap(({ ssn, email, salary, doc }) => {
    const inside = /"ssn":"([^"]+)"/.exec(doc ?? '')?.[1]
    const plain = [ssn, email, inside].flatMap((value) => value ?? [])
    const digits = plain.map((value) => value.replaceAll('-', ''))
    return [...plain, ...digits, ...(salary === null ? [] : [salary])]
  })
  const wanted = [...new Set(values)].filter((value) => value.length >= 7)
  const pattern = new RegExp(`(?<!\\d)(?:${wanted.map(escaped).join('|')})(?!\\d)`, 'g')
  return (text) => [...new Set(text.match(pattern) ?? [])]
}

/** What an agent writes itself, or reads in the tables of guesses, is no news. */
export function mayShow(sql: string): boolean {
  return /guess/i.test(sql)
}
