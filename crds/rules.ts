/**
 * The CEL rules of the definitions, evaluated without a CEL engine: they come in two forms, and
 * a rule of any other form stops the program at start rather than pass unchecked.
 */

import type { CelRule } from './definitions.ts'

export interface Rule {
  readonly message: string
  /** Fields that the rule is about. */
  readonly fields: readonly string[]
  readonly holds: (self: Readonly<Record<string, unknown>>) => boolean
}

const hasField = /has\(self\.(\w+)\)/g
const has = 'has\\(self\\.\\w+\\)'

/** Each form: how it is written, and how many of the fields must be there. */
const forms: readonly { readonly pattern: RegExp; readonly holds: (given: number) => boolean }[] = [
  {
    pattern: new RegExp(`^\\[${has}(, ${has})+\\]\\.exists_one\\(given, given\\)$`),
    holds: (given) => given === 1,
  },
  {
    pattern: new RegExp(`^${has}( \\|\\| ${has})+$`),
    holds: (given) => given >= 1,
  },
]

/** @throws Error if the rule has none of the known forms. */
export function readRule({ rule, message }: CelRule): Rule {
  const text = rule.replace(/\s+/g, ' ').trim()
  const form = forms.find(({ pattern }) => pattern.test(text))
  if (form === undefined) throw new Error(`CEL rule of unknown form: ${text}`)
  const fields = Array.from(text.matchAll(hasField), ([, name]) => unescape(name ?? ''))
  return {
    message,
    fields,
    holds: (self) => form.holds(fields.filter((field) => Object.hasOwn(self, field)).length),
  }
}

/** CEL's reserved words are written between double underscores as field names (`__null__`). */
function unescape(name: string): string {
  return /^__(\w+)__$/.exec(name)?.[1] ?? name
}
