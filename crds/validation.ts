/**
 * Validation of one object as the API server would do it: schema, defaults, list keys and CEL
 * rules, and no unknown fields.
 */

import type { ValidateFunction } from 'ajv'
import { Ajv } from 'ajv'
import type { DefinedKind, OpenApiSchema } from './definitions.ts'
import { definedKinds, readSchema } from './definitions.ts'
import { extensionProblems, readRules } from './extensions.ts'
import type { FieldPath, FieldProblem } from './field-path.ts'
import { formatField } from './field-path.ts'
import { secretSchema, toJsonSchema } from './json-schema.ts'
import { schemaMessage } from './messages.ts'

// Formats are annotations here, as in Kubernetes for the ones that the definitions use.
const ajv = new Ajv({ allErrors: true, useDefaults: true, verbose: true, validateFormats: false })

type ObjectKind = DefinedKind | 'Secret'

const schemas = Object.fromEntries(
  definedKinds.map((kind) => [kind, readSchema(kind)]),
) as Readonly<Record<DefinedKind, OpenApiSchema>>

const validators = {
  ...Object.fromEntries(
    definedKinds.map((kind) => [kind, ajv.compile(toJsonSchema(kind, schemas[kind]))]),
  ),
  Secret: ajv.compile(secretSchema),
} as Readonly<Record<ObjectKind, ValidateFunction>>

/**
 * All that is wrong with `object`, in no particular order; empty if it is valid. Fields that have
 * a default and are not given are added to `object`. With `old`, the object as it was, the fields
 * that may not be changed are compared.
 */
export function validateObject(
  kind: ObjectKind,
  object: unknown,
  old?: unknown,
): readonly FieldProblem[] {
  const validate = validators[kind]
  // As it is stored, with its defaults; it is not asked whether it was valid.
  const before = structuredClone(old)
  validate(before)
  validate(object)
  const problems = (validate.errors ?? []).map((error) => {
    const { field, message, advice } = schemaMessage(error)
    const path = fromPointer(error.instancePath, object)
    return { path: field === undefined ? path : [...path, field], message, advice }
  })
  if (kind === 'Secret') return onePerField(problems)
  const asked = { malformed: problems.length > 0 }
  return onePerField([...problems, ...extensionProblems(schemas[kind], object, before, asked)])
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
