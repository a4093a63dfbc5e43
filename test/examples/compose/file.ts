/** examples/compose/compose.yaml, read and checked as far as it uses the Compose Specification. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Ajv } from 'ajv'
import { parseDocument } from 'yaml'

export const composeFolder = join(import.meta.dirname, '../../../examples/compose')

export interface Service {
  readonly image: string
  readonly entrypoint?: readonly string[]
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly network_mode?: string
  readonly profiles?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly depends_on?: Readonly<
    Record<string, { readonly condition: 'service_healthy' | 'service_completed_successfully' }>
  >
}

export interface ComposeFile {
  readonly name: string
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, object>>
}

const texts = { type: 'array', items: { type: 'string' } }

/** https://github.com/compose-spec/compose-spec/blob/main/05-services.md, the parts in use. */
const service = {
  type: 'object',
  additionalProperties: false,
  required: ['image', 'command', 'read_only', 'user', 'cap_drop', 'security_opt'],
  properties: {
    image: { type: 'string', pattern: '^ghcr\\.io/frostgate/[a-z-]+:[0-9]+\\.[0-9]+\\.[0-9]+$' },
    entrypoint: texts,
    command: texts,
    environment: { type: 'object', additionalProperties: { type: 'string' } },
    volumes: {
      type: 'array',
      items: { type: 'string', pattern: '^(\\./[^:]+|[a-z]+):/[^:]+(:ro)?$' },
    },
    tmpfs: texts,
    network_mode: { type: 'string', pattern: '^(none|service:[a-z]+)$' },
    profiles: texts,
    read_only: { const: true },
    user: { const: '65532:65532' },
    cap_drop: { const: ['ALL'] },
    security_opt: { const: ['no-new-privileges:true'] },
    healthcheck: {
      type: 'object',
      additionalProperties: false,
      required: ['test'],
      properties: {
        test: { ...texts, minItems: 2 },
        interval: { type: 'string', pattern: '^[0-9]+s$' },
        retries: { type: 'integer', minimum: 1 },
      },
    },
    depends_on: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['condition'],
        properties: { condition: { enum: ['service_healthy', 'service_completed_successfully'] } },
      },
    },
  },
}

const validate = new Ajv({ allErrors: true }).compile<ComposeFile>({
  type: 'object',
  additionalProperties: false,
  required: ['name', 'services', 'volumes'],
  properties: {
    name: { type: 'string' },
    services: { type: 'object', additionalProperties: service },
    volumes: { type: 'object', additionalProperties: { type: 'object', maxProperties: 0 } },
  },
  patternProperties: { '^x-': {} },
})

/** @throws Error with all that is wrong. */
export function readCompose(
  text = readFileSync(join(composeFolder, 'compose.yaml'), 'utf8'),
): ComposeFile {
  const document = parseDocument(text, { merge: true })
  const [error] = document.errors
  if (error !== undefined) throw error
  const file: unknown = document.toJS()
  if (!validate(file)) throw new Error(JSON.stringify(validate.errors, undefined, 1))
  const problems = Object.entries(file.services).flatMap(([name, each]) => [
    ...volumesOf(each)
      .filter(({ source }) => !source.startsWith('./') && !(source in file.volumes))
      .map(({ source }) => `${name}: the volume ${source} is not declared`),
    ...Object.entries(each.depends_on ?? {}).flatMap(([other, { condition }]) => {
      const found = file.services[other]
      if (found === undefined) return `${name}: there is no service ${other}`
      return condition === 'service_healthy' && found.healthcheck === undefined
        ? `${name}: ${other} has no healthcheck`
        : []
    }),
    ...[each.network_mode?.replace('service:', '') ?? 'none']
      .filter((other) => other !== 'none' && !(other in file.services))
      .map((other) => `${name}: there is no service ${other} to share a network with`),
  ])
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return file
}

export interface Mount {
  /** `./file` or the name of a volume. */
  readonly source: string
  readonly target: string
}

export function volumesOf({ volumes = [] }: Service): readonly Mount[] {
  return volumes.map((volume) => {
    const [source = '', target = ''] = volume.split(':')
    return { source, target }
  })
}
