/** Writes a kind's schema as a TypeScript interface: the object as the API server stores it. */

import type { DefinedKind, OpenApiSchema } from './definitions.ts'
import { apiVersion } from './definitions.ts'

/** Types that the schemas leave to Kubernetes; the head of the generated file. */
export const preamble = `// Generated from the YAML in this folder by generate.ts. Do not edit.

/** What every Kubernetes object carries; only what Frostgate reads. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly generation?: number
  readonly uid?: string
  readonly resourceVersion?: string
  /** RFC 3339, to the second; by the clock of whoever keeps the object. */
  readonly creationTimestamp?: string
  /** RFC 3339; set while somebody still holds what was deleted. */
  readonly deletionTimestamp?: string
}
`

/** Fields whose schema is the same in every kind that has them, and the type that they share. */
const shared: Readonly<Record<string, string>> = {
  connectionRef: 'ConnectionReference',
  subjects: 'SubjectSelector',
  exceptFor: 'SubjectSelector',
  conditions: 'Condition',
  key: 'MaskKeySource',
  resources: 'ResourceBounds',
  maxResources: 'ResourceBounds',
}

/**
 * The types that several kinds share, each described as the first field that has it.
 *
 * @throws Error if two fields of a shared type have different schemas.
 */
export function writeShared(schemas: readonly OpenApiSchema[]): string {
  const written = new Map<string, { readonly type: string; readonly description: string }>()
  for (const [field, schema] of schemas.flatMap(fieldsOf)) {
    const name = shared[field]
    const own = schema.items ?? schema
    if (name === undefined || own.type !== 'object') continue
    const type = writeType(own)
    const known = written.get(name)
    if (known !== undefined && known.type !== type) {
      throw new Error(`${field} is not always a ${name}`)
    }
    written.set(name, known ?? { type, description: own.description })
  }
  return Array.from(
    written,
    ([name, { type, description }]) => `${comment(description)}export interface ${name} ${type}\n`,
  ).join('\n')
}

function fieldsOf(schema: OpenApiSchema): readonly (readonly [string, OpenApiSchema])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
    [name, child] as const,
    ...fieldsOf(child),
  ])
}

/** The interface of a kind, not yet formatted. A field with a default is always there. */
export function writeKind(kind: DefinedKind, schema: OpenApiSchema): string {
  const fixed: Readonly<Record<string, string>> = {
    apiVersion: `'${apiVersion}'`,
    kind: `'${kind}'`,
    metadata: 'ObjectMeta',
  }
  const members = Object.entries(schema.properties ?? {}).map(([name, child]) =>
    writeMember(name, child, schema.required?.includes(name) ?? false, fixed[name]),
  )
  return `${comment(schema.description)}export interface ${kind} {\n${members.join('\n')}\n}\n`
}

function writeMember(
  name: string,
  schema: OpenApiSchema,
  required: boolean,
  type = sharedType(name, schema) ?? writeType(schema),
): string {
  // A status that nobody has written is the API server's affair only.
  const given = required || (schema.default !== undefined && name !== 'status')
  const mark = given ? '' : '?'
  return `${comment(schema.description)}readonly ${name}${mark}: ${type}`
}

function sharedType(name: string, schema: OpenApiSchema): string | undefined {
  const type = shared[name]
  if (type === undefined || schema.type === 'object') return type
  return schema.items?.type === 'object' ? `readonly ${type}[]` : undefined
}

const scalars = { string: 'string', integer: 'number', boolean: 'boolean' } as const

function writeType(schema: OpenApiSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `'${value}'`).join(' | ')
  if (schema.type === 'array') {
    return `readonly (${schema.items === undefined ? 'never' : writeType(schema.items)})[]`
  }
  if (schema.type !== 'object') return scalars[schema.type]
  if (schema.additionalProperties !== undefined) {
    return `Readonly<Record<string, ${writeType(schema.additionalProperties)}>>`
  }
  const members = Object.entries(schema.properties ?? {}).map(([name, child]) =>
    writeMember(name, child, schema.required?.includes(name) ?? false),
  )
  return members.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${members.join('\n')}\n}`
}

/** Descriptions are wrapped here: the formatter leaves comments as they are. */
function comment(description: string): string {
  const lines: string[] = []
  for (const word of description.replaceAll('*/', '* /').split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length > 76) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  const [only] = lines
  if (lines.length === 1 && only !== undefined) return `/** ${only} */\n`
  return `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`
}
