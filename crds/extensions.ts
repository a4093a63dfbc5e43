/** What Kubernetes' own schema keywords ask for, beyond JSON Schema: list keys and CEL rules. */

import type { OpenApiSchema } from './definitions.ts'
import type { FieldPath, FieldProblem } from './field-path.ts'
import { showValue, valueAt } from './field-path.ts'
import { listProblems } from './lists.ts'
import type { Rule } from './rules.ts'
import { readRule } from './rules.ts'

interface Asked {
  /** The schema itself has said what is wrong, which may also keep a rule from being evaluated. */
  readonly malformed: boolean
}

/**
 * Problems of `value`. `old` is the value as it was; undefined for a new one, for which rules that
 * compare with it hold.
 */
export function extensionProblems(
  schema: OpenApiSchema,
  value: unknown,
  old: unknown,
  asked: Asked,
  path: FieldPath = [],
): readonly FieldProblem[] {
  if (value === undefined) return []
  const broken = rulesOf(schema).filter((rule) => {
    if (rule.transition && old === undefined) return false
    const holds = rule.holds(value, old)
    return holds === 'unknown' ? !asked.malformed : !holds
  })
  return [
    ...broken.map((rule) => ruleProblem(rule, value, old, path)),
    ...(Array.isArray(value) ? listProblems(schema, value, path) : []),
    ...children(schema, value, old).flatMap(([child, step, inner, innerOld]) =>
      extensionProblems(child, inner, innerOld, asked, [...path, step]),
    ),
  ]
}

type Child = readonly [OpenApiSchema, string | number, unknown, unknown]

function children(schema: OpenApiSchema, value: unknown, old: unknown): readonly Child[] {
  const { items, properties = {} } = schema
  if (items !== undefined && Array.isArray(value)) {
    return value.map((item, index) => [items, index, item, sameEntry(schema, item, old)])
  }
  if (!isRecord(value)) return []
  return Object.entries(properties).map(([name, child]) => [
    child,
    name,
    valueAt(value, [name]),
    valueAt(old, [name]),
  ])
}

/** Entries of a list can be told again only by their keys; without any, each counts as new. */
function sameEntry(schema: OpenApiSchema, item: unknown, old: unknown): unknown {
  const keys = schema['x-kubernetes-list-map-keys']
  if (keys === undefined || !Array.isArray(old)) return undefined
  return old.find((each) => keys.every((key) => valueAt(each, [key]) === valueAt(item, [key])))
}

function ruleProblem(rule: Rule, value: unknown, old: unknown, path: FieldPath): FieldProblem {
  const problem = (at: FieldPath, advice: string) => ({ path: at, message: rule.message, advice })
  if (rule.transition) return problem(path, `It was ${showValue(old)}.`)
  const given = rule.fields.filter((field) => isRecord(value) && Object.hasOwn(value, field))
  if (rule.fieldPath.length > 0) {
    const found = valueAt(value, rule.fieldPath)
    return problem(
      [...path, ...rule.fieldPath],
      found === undefined ? 'It is not there.' : `It says ${showValue(found)}.`,
    )
  }
  if (rule.fields.length === 0) return problem(path, `It says ${showValue(value)}.`)
  const [, second] = given
  // Of several, the second is the one too many.
  return problem(
    second === undefined ? path : [...path, second],
    given.length === 0 ? 'None of them is there.' : `There are: ${given.join(', ')}.`,
  )
}

const rules = new WeakMap<OpenApiSchema, readonly Rule[]>()

function rulesOf(schema: OpenApiSchema): readonly Rule[] {
  const known = rules.get(schema) ?? (schema['x-kubernetes-validations'] ?? []).map(readRule)
  rules.set(schema, known)
  return known
}

/** Reads every rule once, so that one that cannot be evaluated is found at start and not by some object. */
export function readRules(schema: OpenApiSchema): void {
  rulesOf(schema)
  for (const child of Object.values(schema.properties ?? {})) readRules(child)
  if (schema.items !== undefined) readRules(schema.items)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
