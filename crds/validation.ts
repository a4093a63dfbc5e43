/**
 * Validation of one object as the API server would do it: schema, defaults, list keys and CEL
 * rules, and no unknown fields.
 */

import type { ValidateFunction } from 'ajv'
import { Ajv } from 'ajv'
import type { Kind, OpenApiSchema } from './definitions.ts'
import { kinds, readSchema } from './definitions.ts'
import type { FieldPath, FieldProblem } from './field-path.ts'
import { formatField } from './field-path.ts'
import { secretSchema, toJsonSchema } from './json-schema.ts'
import { listProblems } from './lists.ts'
import { schemaMessage } from './messages.ts'
import type { Rule } from './rules.ts'
import { readRule } from './rules.ts'

// Formats are annotations here, as in Kubernetes for the ones that the definitions use.
const ajv = new Ajv({ allErrors: true, useDefaults: true, verbose: true, validateFormats: false })

type ObjectKind = Kind | 'Secret'

const schemas = Object.fromEntries(kinds.map((kind) => [kind, readSchema(kind)])) as Readonly<
  Record<Kind, OpenApiSchema>
>

const validators = {
  ...Object.fromEntries(
    kinds.map((kind) => [kind, ajv.compile(toJsonSchema(kind, schemas[kind]))]),
  ),
  Secret: ajv.compile(secretSchema),
} as Readonly<Record<ObjectKind, ValidateFunction>>

/**
 * All that is wrong with `object`, in no particular order; empty if it is valid. Fields that have
 * a default and are not given are added to `object`.
 */
export function validateObject(kind: ObjectKind, object: unknown): readonly FieldProblem[] {
  const validate = validators[kind]
  validate(object)
  const problems = (validate.errors ?? []).map((error) => {
    const { field, message, advice } = schemaMessage(error)
    const path = fromPointer(error.instancePath, object)
    return { path: field === undefined ? path : [...path, field], message, advice }
  })
  const all =
    kind === 'Secret' ? problems : [...problems, ...extensionProblems(schemas[kind], object)]
  return onePerField(all)
}

/** A text that is too short seldom has the right form either: the first problem says enough. */
function onePerField(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  const fields = new Map<string, FieldProblem>()
  for (const problem of problems) {
    const field = formatField(problem.path)
    if (!fields.has(field)) fields.set(field, problem)
  }
  return [...fields.values()]
}

/** What Kubernetes' own keywords ask for. Where a value has the wrong type, the schema said so. */
function extensionProblems(
  schema: OpenApiSchema,
  value: unknown,
  path: FieldPath = [],
): readonly FieldProblem[] {
  if (schema.type === 'array' && Array.isArray(value)) {
    const { items } = schema
    return [
      ...listProblems(schema, value, path),
      ...(items === undefined
        ? []
        : value.flatMap((item, index) => extensionProblems(items, item, [...path, index]))),
    ]
  }
  if (schema.type !== 'object' || !isRecord(value)) return []
  const broken = rulesOf(schema).filter((rule) => !rule.holds(value))
  return [
    ...broken.map((rule) => ruleProblem(rule, value, path)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      extensionProblems(child, value[name], [...path, name]),
    ),
  ]
}

function ruleProblem(rule: Rule, value: Readonly<Record<string, unknown>>, path: FieldPath) {
  const given = rule.fields.filter((field) => Object.hasOwn(value, field))
  const [, second] = given
  return {
    // Of several, the second is the one too many.
    path: second === undefined ? path : [...path, second],
    message: rule.message,
    advice: given.length === 0 ? 'None of them is there.' : `There are: ${given.join(', ')}.`,
  }
}

const rules = new WeakMap<OpenApiSchema, readonly Rule[]>()

function rulesOf(schema: OpenApiSchema): readonly Rule[] {
  const known = rules.get(schema) ?? (schema['x-kubernetes-validations'] ?? []).map(readRule)
  rules.set(schema, known)
  return known
}

/** Reads every rule once, so that one of unknown form is found at start and not by some object. */
function readRules(schema: OpenApiSchema): void {
  rulesOf(schema)
  for (const child of Object.values(schema.properties ?? {})) readRules(child)
  if (schema.items !== undefined) readRules(schema.items)
}

for (const schema of Object.values(schemas)) readRules(schema)

/** JSON pointer to path; a step into a list is a number. */
function fromPointer(pointer: string, root: unknown): FieldPath {
  const steps: (string | number)[] = []
  let value = root
  for (const escaped of pointer.split('/').slice(1)) {
    const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    steps.push(Array.isArray(value) ? Number(name) : name)
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return steps
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
