/**
 * The CEL rules of the definitions, as the API server evaluates them. A rule that the CEL library
 * here does not know a function of stops the program at start, rather than pass unchecked.
 */

import { Environment } from '@marcbachmann/cel-js'
import type { CelRule } from './definitions.ts'
import type { FieldPath } from './field-path.ts'

export interface Rule {
  readonly message: string
  /** Steps to the field at fault, from where the rule stands. */
  readonly fieldPath: FieldPath
  /** Fields that the rule asks for by has(self.…). */
  readonly fields: readonly string[]
  /** The rule compares with the object as it was, and so holds for a new one. */
  readonly transition: boolean
  /** `unknown`: it cannot be evaluated, as where a field has the wrong type. */
  readonly holds: (self: unknown, oldSelf?: unknown) => boolean | 'unknown'
}

const environment = new Environment({ unlistedVariablesAreDyn: false })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn')

/** @throws Error if the rule is not CEL, is not a condition, or uses a function that is unknown here. */
export function readRule({ rule, message, fieldPath }: CelRule): Rule {
  const parsed = environment.parse(rule)
  const { valid, type, error } = parsed.check()
  if (!valid || type !== 'bool') {
    throw new Error(`CEL rule that cannot be evaluated: ${rule}: ${error?.summary ?? 'not bool'}`)
  }
  return {
    message,
    fieldPath: (fieldPath ?? '').split('.').filter((step) => step !== ''),
    fields: Array.from(rule.matchAll(/\bhas\(self\.(\w+)\)/g), ([, name = '']) => unescape(name)),
    transition: /\boldSelf\b/.test(rule),
    holds: (self, oldSelf) => {
      try {
        const result: unknown = parsed({ self: celValue(self), oldSelf: celValue(oldSelf ?? null) })
        return typeof result === 'boolean' ? result : 'unknown'
      } catch {
        return 'unknown'
      }
    },
  }
}

/**
 * Names that CEL reserves are spelled between double underscores in rules (`__null__`).
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
const reserved: ReadonlySet<string> = new Set(
  (
    'true false null in as break const continue else for function if import let loop package ' +
    'namespace return var void while'
  ).split(' '),
)

function unescape(name: string): string {
  return /^__(\w+)__$/.exec(name)?.[1] ?? name
}

/** Whole numbers are CEL's int; a field of a reserved name has both of its spellings. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([name, child]) => {
    const converted = celValue(child)
    const spellings = reserved.has(name) ? [name, `__${name}__`] : [name]
    return spellings.map((spelling) => [spelling, converted] as const)
  })
  // Without a prototype: no rule may find what every object inherits.
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries))
}
