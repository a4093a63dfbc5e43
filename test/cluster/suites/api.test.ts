/** The definitions on a real API server: accepted, explained, shown, and holding what they say. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { apiVersion, definedKinds, definitionFile } from '../../../crds/definitions.ts'
import { objectOf, refusedObjects } from '../../crds/cases.ts'
import { connectCluster } from '../cluster.ts'
import { refusalOf } from '../kubectl.ts'

const cluster = connectCluster(inject('cluster'))
const { kubectl } = cluster
const namespace = 'api-suite'
const within = ['--namespace', namespace]
const examples = join(import.meta.dirname, '../../../examples')

/** Definitions that were not there before: a chart that another suite installs brings its own. */
let added: readonly string[] = []

beforeAll(async () => {
  const there = await kubectl.run(['get', 'crd', '-o', 'name'])
  const missing = definedKinds.filter((kind) => !there.includes(resource(kind)))
  added = missing.map(resource)
  const definitions = missing.map((kind) => readFileSync(definitionFile(kind), 'utf8'))
  if (definitions.length > 0) await kubectl.apply(definitions.join('---\n'))
  await kubectl.run(['wait', '--for=condition=Established', 'crd', ...definedKinds.map(resource)])
  await cluster.createNamespace(namespace)
})

afterAll(async () => {
  await kubectl.delete('namespace', namespace)
  for (const name of added) await kubectl.delete('crd', name)
})

function resource(kind: string): string {
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies')
  return `${plural}.frostgate.dev`
}

const create = (object: unknown, ...flags: readonly string[]) =>
  kubectl.run(['create', ...within, '-f', '-', ...flags], { input: JSON.stringify(object) })

describe('The API server', () => {
  test.each(definedKinds)('takes a valid %s', async (kind) => {
    expect(await create(objectOf(kind), '--dry-run=server')).toContain('created')
  })

  test.each(refusedObjects.filter(({ old }) => old === undefined))(
    'refuses, of kind $kind, $title',
    async ({ object, field, message }) => {
      const refusal = await refusalOf(create(object, '--dry-run=server'))
      expect(refusal).toContain(`${field}: `)
      expect(refusal).toContain(message ?? '')
    },
  )

  test.each(refusedObjects.filter(({ old }) => old !== undefined))(
    'refuses, of kind $kind, $title',
    async ({ kind, object, old, field, message }) => {
      await create(old)
      const input = JSON.stringify(object)
      const refusal = await refusalOf(
        kubectl.run(['replace', ...within, '-f', '-', '--dry-run=server'], { input }),
      )
      await kubectl.delete(resource(kind), 'acme', namespace)
      expect(refusal).toContain(`${field}: `)
      expect(refusal).toContain(message ?? '')
    },
  )

  test('refuses a field that is not of the API, by its name', async () => {
    const object = objectOf('AgentPolicy', { rule: [] })
    expect(await refusalOf(create(object))).toContain('unknown field "spec.rule"')
  })
})

const yamlFiles = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => [file, ofOurs(readFileSync(join(examples, file), 'utf8'))] as const)
  .filter(([, objects]) => objects.length > 0)

/** Objects of a file that are of kinds that a cluster holds. */
function ofOurs(text: string): readonly object[] {
  const values = parseAllDocuments(text).map((document) => document.toJS() as unknown)
  return values.filter((value): value is object => {
    if (typeof value !== 'object' || value === null) return false
    const fields = value as Readonly<Record<string, unknown>>
    const kind = fields['kind']
    return fields['apiVersion'] === apiVersion && definedKinds.some((known) => known === kind)
  })
}

describe('Every example is taken as it stands', () => {
  test.each(yamlFiles)('%s', async (_, objects) => {
    for (const object of objects) {
      const { metadata } = object as { readonly metadata: object }
      const here = { ...object, metadata: { ...metadata, namespace } }
      expect(await create(here, '--dry-run=server')).toContain('created')
    }
  })
})

describe('kubectl', () => {
  test('explains fields in sentences', async () => {
    const text = await kubectl.run(['explain', 'snowflakeconnection.spec.maxStale'])
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'How long sidecars go on with the last bundle when they cannot reach the operator',
    )
  })

  test.each([
    ['sfc', /ACCOUNT +AUTH +READY +SIDECARS +AGE/],
    ['agp', /TARGET +ACCEPTED +PROGRAMMED +AGE/],
    ['mkr', /TARGET +ACCEPTED +PROGRAMMED +AGE/],
    ['apr', /PRINCIPAL +PHASE +EXPIRES +AGE/],
    ['apd', /REQUEST +VERDICT +BY +AGE/],
  ])('shows %s by its columns', async (shortName, columns) => {
    const kind = definedKinds[['sfc', 'agp', 'mkr', 'apr', 'apd'].indexOf(shortName)]
    await kubectl.apply({
      ...objectOf(kind ?? 'AgentPolicy'),
      metadata: { name: 'shown', namespace },
    })
    expect(await kubectl.run(['get', shortName, ...within])).toMatch(columns)
  })

  test('lists all of them as one category, and some by a field', async () => {
    const policy = (name: string, connection: string) => ({
      ...objectOf('AgentPolicy', { connectionRef: { name: connection } }),
      metadata: { name, namespace },
    })
    await kubectl.apply([policy('one', 'acme'), policy('two', 'other')])
    const selector = ['--field-selector', 'spec.connectionRef.name=other']
    const found = await kubectl.run(['get', 'agp', ...within, ...selector, '-o', 'name'])
    expect(found.trim()).toBe('agentpolicy.frostgate.dev/two')
    expect(await kubectl.run(['get', 'frostgate', ...within, '-o', 'name'])).toContain('policy')
  })

  test('is told that an object which no operator has seen is not ready yet', async () => {
    const metadata = { name: 'unseen', namespace }
    await kubectl.apply({ ...objectOf('SnowflakeConnection'), metadata })
    const path = '{.status.conditions[?(@.type=="Ready")].status}'
    const ready = await kubectl.run(['get', 'sfc', 'unseen', ...within, '-o', `jsonpath=${path}`])
    expect(ready).toBe('Unknown')
  })

  test('selects approval requests by what became of them', async () => {
    const metadata = { name: 'waiting', namespace }
    await kubectl.apply({ ...objectOf('ApprovalRequest'), metadata })
    const status = JSON.stringify({ status: { phase: 'Pending' } })
    const patch = ['--subresource=status', '--type=merge', '-p', status]
    await kubectl.run(['patch', 'apr', 'waiting', ...within, ...patch])
    const list = (phase: string) =>
      kubectl.run([
        'get',
        'apr',
        ...within,
        '--field-selector',
        `status.phase=${phase}`,
        '-o',
        'name',
      ])
    expect(await list('Pending')).toContain('waiting')
    expect(await list('Approved')).toBe('')
  })
})
