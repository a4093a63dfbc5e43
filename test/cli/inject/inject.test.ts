import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

import { diff } from '../../../cli/inject/diff.ts'
import { plainMarks } from '../../../sidecar/recording/render.ts'
import { cli } from '../in-process.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'frostgate-inject-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function manifest(text: string): string {
  const file = join(folder, 'manifest.yaml')
  writeFileSync(file, text)
  return file
}

const job = `apiVersion: batch/v1
kind: Job
metadata: {name: etl}
spec:
  template:
    metadata: {annotations: {frostgate.dev/connection: acme}}
    spec:
      containers: [{name: app, image: app, env: [{name: FLAG, value: "yes"}]}]
      volumes: [{name: c, configMap: {name: c, defaultMode: 0644}}]
`
const config = `apiVersion: v1
kind: ConfigMap
metadata: {name: c}
`
const bare = `apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {containers: [{name: app}], hostNetwork: true}
`

interface Answers {
  readonly ok: boolean
  readonly objects: readonly {
    readonly outcome: string
    readonly connection: string | null
    readonly refusals: readonly { readonly reason: string; readonly field: string }[]
  }[]
}

describe('frostgate inject', () => {
  test('prints all objects, with the sidecar where one is asked for', async () => {
    const { code, stdout, stderr } = await cli([
      'inject',
      '-f',
      manifest(`${job}---\n${config}---\n${bare}`),
    ])
    expect(code).toBe(0)
    const documents = parseAllDocuments(stdout, { version: '1.1' }).map(
      (each) => each.toJS() as unknown,
    )
    expect(documents).toMatchObject([
      {
        kind: 'Job',
        spec: { template: { spec: { initContainers: [{ name: 'frostgate-proxy' }] } } },
      },
      { kind: 'ConfigMap' },
      { kind: 'Pod', spec: { hostNetwork: true } },
    ])
    // As kubectl reads it: octal numbers, and a text that is no boolean.
    expect(stdout).toContain('defaultMode: 420')
    expect(stdout).toContain('value: "yes"')
    expect(stderr).toContain('Pod bare: unchanged; it asks for no connection')
  })

  test('refuses with exit code 1, and says where in the workload', async () => {
    const file = manifest(
      job.replace('spec:\n      containers', 'spec:\n      hostPID: true\n      containers'),
    )
    const { code, stdout, stderr } = await cli(['inject', '-f', file])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('Job etl refused (HostPID) at spec.template.spec.hostPID')
  })

  test('gives pods that name no connection the one of the option', async () => {
    const words = ['inject', '-f', manifest(bare), '--connection', 'data/acme', '--json']
    const { code, stdout } = await cli(words)
    const { ok, objects } = JSON.parse(stdout) as Answers
    expect([code, ok]).toEqual([1, false])
    expect(objects).toMatchObject([
      {
        outcome: 'Refused',
        connection: 'data/acme',
        refusals: [{ reason: 'HostNetwork', field: 'spec.hostNetwork' }],
      },
    ])
  })

  test('with --diff prints only what changes', async () => {
    const { stdout } = await cli(['inject', '-f', manifest(job), '--diff'])
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('Job etl → frostgate/acme')
    expect(lines.some((line) => /^\+ .*name: frostgate-proxy/.test(line))).toBe(true)
    expect(lines.filter((line) => line.startsWith('-'))).toEqual([])
  })

  test('takes Lists apart', async () => {
    const list = JSON.stringify({
      kind: 'List',
      items: [{ kind: 'ConfigMap' }, { kind: 'Secret' }],
    })
    const { stdout } = await cli(['inject', '-f', manifest(list), '--json'])
    expect((JSON.parse(stdout) as Answers).objects).toHaveLength(2)
  })

  test.each<readonly [string, string, readonly string[], RegExp, number]>([
    ['broken YAML', 'a: [', [], /is not valid YAML: .*line 1/s, 2],
    ['nothing', '', [], /holds no object/, 2],
    [
      'an object without a pod',
      'kind: Job',
      [],
      /Job refused \(PodInvalid\): spec.template.spec is not an object/,
      1,
    ],
    ['no object', '3', [], /it has no kind/, 1],
    [
      'a connection that is none',
      bare,
      ['--connection', 'a/b/c'],
      /write namespace\/name, or name/,
      2,
    ],
    [
      'an unknown mode',
      bare,
      ['--connection', 'a', '--conflicting-env', 'x'],
      /write Deny or Warn/,
      2,
    ],
    ['a broker that is no URL', bare, ['--connection', 'a', '--broker-url', 'x'], /is no URL/, 2],
  ])('says what is wrong with %s', async (_, text, words, message, exit) => {
    const { code, stderr } = await cli(['inject', '-f', manifest(text), ...words])
    expect(stderr).toMatch(message)
    expect(code).toBe(exit)
  })

  test('says that a file is missing', async () => {
    const { code, stderr } = await cli(['inject', '-f', join(folder, 'none')])
    expect(stderr).toMatch(/cannot read .*ENOENT.*Name a file/)
    expect(code).toBe(2)
  })
})

describe('A diff', () => {
  test('shows what differs, with three lines around', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni'
    expect(diff(before, before.replace('e', 'E\nE2'), plainMarks)).toEqual([
      '  b',
      '  c',
      '  d',
      '- e',
      '+ E',
      '+ E2',
      '  f',
      '  g',
      '  h',
      '…',
    ])
    expect(diff(before, before, plainMarks)).toEqual([])
  })
})
