/** `frostgate doctor` and `frostgate status` over HTTP, asking a server that answers as a cluster. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { apiOver } from '../../../cli/cluster/api.ts'
import {
  healthyAnswers,
  startRecordedClusters,
  withInvalidCredential,
  type RecordedClusters,
} from '../../../docs/cli/recorded-cluster.ts'
import { KubeClient } from '../../../operator/kube/client.ts'
import { cli } from '../in-process.ts'

let clusters: RecordedClusters
let access: readonly string[]

beforeAll(async () => {
  const well = await healthyAnswers(Date.now())
  const { '/api/v1/pods': pods, ...withoutPods } = well
  expect(pods).toBeDefined()
  clusters = await startRecordedClusters({
    well,
    closed: withInvalidCredential(well),
    'without-pods': withoutPods,
    empty: {},
  })
  access = ['--kubeconfig', clusters.kubeconfig]
})

afterAll(async () => {
  await clusters.close()
})

describe('frostgate doctor', () => {
  it('is exit code 0 where nothing failed, one line for each finding', async () => {
    const { code, stdout } = await cli(['doctor', ...access])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^✓ operator {6}3 of 3 replicas ready$/m)
    expect(stdout).toMatch(/^All well: 1 not tried, \d+ well\.\n$/m)
  })

  it('is exit code 1 where something failed, with the remedy indented below', async () => {
    const { code, stdout } = await cli(['doctor', ...access, '--context', 'closed'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ connections .*\(InvalidCredential\).*\n {16}Correct the Secret;/m)
    expect(stdout).toMatch(/^1 failed: /m)
  })

  it('prints the same as JSON, and nothing else', async () => {
    const { code, stdout } = await cli(['doctor', ...access, '--context', 'closed', '--json'])
    expect(code).toBe(1)
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: readonly object[] }
    expect(ok).toBe(false)
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'connections', state: 'failed' }),
    )
  })

  it('is exit code 2 where no API server answers', async () => {
    const gone = await startRecordedClusters({ gone: {} })
    const { kubeconfig } = gone
    const kept = await readFile(kubeconfig)
    await gone.close()
    const file = `${clusters.kubeconfig}-gone`
    await writeFile(file, kept)
    const { code, stdout } = await cli(['doctor', '--kubeconfig', file])
    expect(code).toBe(2)
    expect(stdout).toMatch(/^✗ cluster .*cannot be asked: .*ECONNREFUSED/m)
  })

  it.each([
    ['a kubeconfig that is not there', ['--kubeconfig', '/nowhere/config'], 'gives no access'],
    ['a context that is not there', ['--context', 'nowhere'], 'gives no access'],
  ])('is exit code 2 for %s', async (_what, words, message) => {
    const all = words[0] === '--context' ? [...access, ...words] : words
    const { code, stdout, stderr } = await cli(['doctor', ...all])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it('goes on after a check that could not be made, and says so', async () => {
    const { code, stdout } = await cli(['doctor', ...access, '--context', 'without-pods'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ pods .*not there/m)
  })
})

describe('frostgate status', () => {
  it('shows objects, sidecars and bundle', async () => {
    const { code, stdout } = await cli(['status', ...access])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^frostgate\/acme +True +4\/4 +466f92b9c05a$/m)
    expect(stdout).toMatch(/^MaskingRule +frostgate\/ssn +True$/m)
  })

  it('is exit code 1 if something is not ready', async () => {
    const { code, stdout } = await cli(['status', ...access, '--context', 'closed', '-A', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false })
  })

  it('says where a cluster does not know the kinds', async () => {
    const { code, stderr } = await cli(['status', ...access, '--context', 'empty'])
    expect(code).toBe(2)
    expect(stderr).toContain('does not know Frostgate’s kinds')
  })

  it('with --watch prints once until something changes, and ends well by Ctrl-C', async () => {
    const words = ['cli/main.ts', 'status', ...access, '--watch', '--json']
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(0)
    expect(text.trim().split('\n')).toHaveLength(1)
    expect(JSON.parse(text)).toMatchObject({ ok: true })
  })
})

describe('the API as commands ask it', () => {
  it('reads all pages of a list, and the server’s time', async () => {
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
      const page = Number(searchParams.get('continue') ?? 0)
      const next = page < 2 ? { continue: String(page + 1) } : {}
      response.setHeader('date', 'Sun, 22 Nov 2026 10:00:00 GMT')
      response.end(JSON.stringify({ metadata: next, items: [{ page }] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const access = { server: `http://127.0.0.1:${port}`, tls: {}, proxy: undefined, headers: {} }
    const api = apiOver(
      new KubeClient({ current: () => Promise.resolve(access), renew: () => undefined }),
    )
    expect(await api.list('/api/v1/pods')).toEqual([{ page: 0 }, { page: 1 }, { page: 2 }])
    expect(await api.serverTime()).toBe(Date.parse('2026-11-22T10:00:00Z'))
    await api.close()
    server.close()
  })
})
