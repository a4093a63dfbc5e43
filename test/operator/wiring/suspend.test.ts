/** The kill switch from the stored object to the sidecar's stream, and the commands that set it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Bundle } from '../../../sidecar/control/bundle.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { cli } from '../../cli/in-process.ts'
import {
  annotated,
  becomesReady,
  clusterInMemory,
  namespace,
  soon,
  statusOf,
  wholeOperator,
  type WholeOperator,
} from './whole-operator.ts'

let server: FakeApiServer
let operator: WholeOperator
let folder: string
let access: readonly string[]

beforeEach(async () => {
  server = await clusterInMemory()
  operator = await wholeOperator(server)
  await becomesReady(operator)
  folder = await mkdtemp(join(tmpdir(), 'frostgate-suspend-'))
  const kubeconfig = join(folder, 'config')
  await writeFile(kubeconfig, JSON.stringify(config(`http://127.0.0.1:${server.port}`)))
  access = ['--kubeconfig', kubeconfig, '--wait', '20']
})

afterEach(async () => {
  await operator.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const config = (url: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'here',
  contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
  clusters: [{ name: 'here', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
  users: [{ name: 'me', user: {} }],
})

const suspendOf = () =>
  (
    server.objects.find('snowflakeconnections', namespace, 'acme')?.['spec'] as {
      suspend?: unknown
    }
  ).suspend

const readyOf = () =>
  statusOf(server, 'snowflakeconnections', 'acme').conditions?.find(({ type }) => type === 'Ready')

test('a connection is suspended: no credential, the bundle all the same; and resumed', async () => {
  await operator.createPod(annotated())
  const sidecar = await operator.sidecar()
  await sidecar.enrol('pod:runner')
  expect((await sidecar.call('/v1/credential', { method: 'POST' })).status).toBe(200)

  const done = await cli(['suspend', 'acme', '--reason', 'incident 4711', ...access])
  expect(done.stdout).toContain('frostgate/acme: suspended for everybody; no sidecar is connected')
  expect(done.stderr).toContain('the next sync undoes it')
  expect(done.code).toBe(0)
  const refused = await sidecar.call('/v1/credential', { method: 'POST' })
  expect(refused).toMatchObject({ status: 409, body: { error: 'ConnectionSuspended' } })
  expect(JSON.stringify(refused.body)).toContain('incident 4711')
  const { status, body } = await sidecar.call('/v1/bundle')
  expect(status).toBe(200)
  expect((body as unknown as Bundle).connection.suspend).toEqual({
    all: true,
    principals: [],
    reason: 'incident 4711',
  })
  expect(readyOf()).toMatchObject({ status: 'False', reason: 'Suspended' })
  await soon(() => {
    expect(JSON.stringify(server.objects.all('events'))).toContain('ConnectionSuspended')
  })

  expect((await cli(['resume', 'acme', ...access])).code).toBe(0)
  expect(suspendOf()).toBeUndefined()
  expect((await sidecar.call('/v1/credential', { method: 'POST' })).status).toBe(200)
  expect(readyOf()).toMatchObject({ status: 'True', reason: 'Open' })
})

test('one principal after the other, and back one by one; the rest is left as it is', async () => {
  const of = (...words: string[]) => cli([...words, ...access])
  await of('suspend', 'frostgate/acme', '--principal', 'okta:agent-7', '--reason', 'one')
  const second = await of('suspend', 'acme', '--principal', 'okta:a:b', '--reason', 'two')
  expect(second.stdout).toContain('suspended: okta:agent-7, okta:a:b')
  expect(suspendOf()).toEqual({
    all: false,
    principals: [
      { provider: 'okta', subject: 'agent-7' },
      { provider: 'okta', subject: 'a:b' },
    ],
    reason: 'one; two',
  })
  expect(readyOf()).toMatchObject({ status: 'True', reason: 'Suspended' })
  const again = await of('suspend', 'acme', '--principal', 'okta:a:b', '--reason', 'one; two')
  expect(again.stdout).toContain('(as it was)')
  expect(again.stderr).toBe('')
  await of('resume', '--all', '--principal', 'okta:agent-7')
  expect(suspendOf()).toMatchObject({ principals: [{ subject: 'a:b' }] })
  await of('resume', '--all', '--principal', 'okta:a:b')
  expect(suspendOf()).toBeUndefined()
})

test('somebody else writes at the same time: nothing of theirs is lost', async () => {
  const { requests } = server
  const from = requests.length
  const both = await Promise.all([
    cli(['suspend', 'acme', '--principal', 'okta:one', '--reason', 'r', ...access]),
    cli(['suspend', 'acme', '--principal', 'okta:two', '--reason', 'r', ...access]),
  ])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  const { principals } = suspendOf() as { readonly principals: readonly { subject: string }[] }
  expect(principals.map(({ subject }) => subject).sort()).toEqual(['one', 'two'])
  expect(requests.slice(from).some(({ verb }) => verb === 'patch')).toBe(true)
})

test.each([
  [['suspend', 'acme', '--principal', 'octa:x', '--reason', 'r'], 'it has okta'],
  [['suspend', 'acme', '--principal', 'agent-7', '--reason', 'r'], 'not PROVIDER:SUBJECT'],
  [['suspend', 'nobody', '--reason', 'r'], 'There is no SnowflakeConnection nobody'],
  [['suspend', '--reason', 'r'], 'Give one connection, or --all'],
  [['suspend', 'acme', '--all', '--reason', 'r'], 'Give one connection, or --all'],
  [['suspend', 'acme', '--reason', ' '], '--reason takes'],
  [['suspend', 'examples/quickstart', '--reason', 'r'], 'send SIGHUP to frostgate up'],
  [['suspend', 'a/b/c', '--reason', 'r'], 'neither NAME nor NAMESPACE/NAME'],
])('%j changes nothing, and says what to do', async (words, said) => {
  const { code, stderr } = await cli([...words, ...access])
  expect(stderr).toContain(said)
  expect(code).toBe(2)
  expect(suspendOf()).toBeUndefined()
})

test('a suspension whose provider is unknown is refused before it is stored', async () => {
  const { metadata, spec } = server.objects.find('snowflakeconnections', namespace, 'acme') as never as { metadata: object; spec: object } // prettier-ignore
  const suspend = { all: false, principals: [{ provider: 'octa', subject: 'agent-7' }] }
  const object = {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'SnowflakeConnection',
    // As the API server counts a change before it is stored.
    metadata: { ...metadata, generation: 2 },
    spec: { ...spec, suspend },
  }
  const { allowed, status } = await operator.review('/validate', object, { operation: 'UPDATE' })
  expect(JSON.stringify(status)).toContain('is no identity provider of this connection')
  expect(allowed).toBe(false)
})
