/**
 * The CEL rules of the definitions, evaluated without a CEL engine: they come in few forms, and
 * a rule of any other form stops the program at start rather than pass unchecked.
 */

import type { CelRule } from './definitions.ts'

type Self = Readonly<Record<string, unknown>>

export interface Rule {
  readonly message: string
  /** Fields that the rule is about. */
  readonly fields: readonly string[]
  readonly holds: (self: Self) => boolean
}

const hasField = /has\(self\.(\w+)\)/g
const has = 'has\\(self\\.\\w+\\)'

interface Form {
  readonly pattern: RegExp
  /** `given`: for each field of the rule in order, whether it is there. */
  readonly holds: (given: readonly boolean[]) => boolean
}

const count = (given: readonly boolean[]): number => given.filter((each) => each).length

/** How each form is written, and which fields must be there. */
const forms: readonly Form[] = [
  {
    pattern: new RegExp(`^\\[${has}(, ${has})+\\]\\.exists_one\\(given, given\\)$`),
    holds: (given) => count(given) === 1,
  },
  {
    pattern: new RegExp(`^${has}( \\|\\| ${has})+$`),
    holds: (given) => count(given) >= 1,
  },
  {
    // The first only with the second.
    pattern: new RegExp(`^!${has} \\|\\| ${has}$`),
    holds: ([first, second]) => first !== true || second === true,
  },
]

/** The field is there if, and only if, another has this value. */
const withValue = /^\(self\.(\w+) == '(\w+)'\) == has\(self\.(\w+)\)$/

/** @throws Error if the rule has none of the known forms. */
export function readRule({ rule, message }: CelRule): Rule {
  const text = rule.replace(/\s+/g, ' ').trim()
  const [, field = '', value, other = ''] = withValue.exec(text) ?? []
  if (value !== undefined) {
    return {
      message,
      fields: [other],
      holds: (self) => (self[field] === value) === Object.hasOwn(self, other),
    }
  }
  const form = forms.find(({ pattern }) => pattern.test(text))
  if (form === undefined) throw new Error(`CEL rule of unknown form: ${text}`)
  const fields = Array.from(text.matchAll(hasField), ([, name]) => unescape(name ?? ''))
  return {
    message,
    fields,
    holds: (self) => form.holds(fields.map((each) => Object.hasOwn(self, each))),
  }
}

/** CEL's reserved words are written between double underscores as field names (`__null__`). */
function unescape(name: string): string {
  return /^__(\w+)__$/.exec(name)?.[1] ?? name
}
