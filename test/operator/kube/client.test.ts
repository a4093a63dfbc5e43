import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KubeClient } from '../../../operator/kube/client.ts'
import { inClusterAccess } from '../../../operator/kube/in-cluster.ts'
import { kubeconfigAccess } from '../../../operator/kube/kubeconfig.ts'
import { pathOf, resources } from '../../../operator/kube/resources.ts'
import { testAuthority } from '../../support/broker/certificates.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { fakeApiServer } from '../../support/fake-api-server/server.ts'

const metadata = { namespace: 'ns', name: 'a' }

async function withClient(
  use: (client: KubeClient, server: FakeApiServer) => Promise<void>,
  readToken?: () => string,
): Promise<void> {
  const server = await fakeApiServer()
  const client = new KubeClient(server.access(readToken))
  try {
    await use(client, server)
  } finally {
    await client.close()
    await server.close()
  }
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-access-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('A client', () => {
  test('creates, reads, updates by version, and deletes one very object', async () => {
    await withClient(async (client) => {
      const made = await client.create(resources.configMaps, { metadata, data: { x: '1' } })
      await expect(client.create(resources.configMaps, { metadata })).rejects.toMatchObject({
        status: 409,
        reason: 'AlreadyExists',
      })
      await client.update(resources.configMaps, { ...made, data: { x: '2' } })
      await expect(client.update(resources.configMaps, made)).rejects.toMatchObject({ status: 409 })
      const read = await client.get(resources.configMaps, metadata)
      expect(read).toMatchObject({ kind: 'ConfigMap', data: { x: '2' } })
      const other = client.delete(resources.configMaps, metadata, { uid: 'of-another' })
      await expect(other).rejects.toMatchObject({ status: 409 })
      await client.delete(resources.configMaps, metadata, { uid: read.metadata?.uid ?? '' })
      await client.delete(resources.configMaps, metadata)
      expect(await client.find(resources.configMaps, metadata)).toBeUndefined()
      await expect(client.get(resources.configMaps, metadata)).rejects.toMatchObject({
        name: 'KubeError',
        status: 404,
        reason: 'NotFound',
      })
    })
  })

  test('applies as one field manager, by force only where that is asked for', async () => {
    await withClient(async (client, server) => {
      await client.apply(resources.configMaps, { metadata, data: { x: '1' } })
      await client.applyStatus(
        resources.pods,
        { metadata, status: { phase: 'Running' } },
        { force: true },
      )
      const asked = server.requests.map(({ verb, query, subresource }) => [
        verb,
        subresource,
        query.get('fieldManager'),
        query.get('force'),
      ])
      expect(asked).toEqual([
        ['apply', undefined, 'frostgate', 'false'],
        ['apply', 'status', 'frostgate', 'true'],
      ])
    })
  })

  test('reads its credentials again once when they are not accepted, and then gives up', async () => {
    const tokens = ['old', 'new']
    await withClient(
      async (client, server) => {
        server.objects.put('configmaps', { metadata })
        server.token = 'new'
        await client.get(resources.configMaps, metadata)
        server.token = 'other'
        await expect(client.get(resources.configMaps, metadata)).rejects.toMatchObject({
          status: 401,
          reason: 'Unauthorized',
        })
        expect(server.requests).toHaveLength(4)
      },
      () => tokens.shift() ?? 'new',
    )
  })

  test('waits for a busy server that says how long, also before it changes something', async () => {
    await withClient(async (client, server) => {
      server.fail('tooManyRequests', 'create', { retryAfter: 1 })
      const before = performance.now()
      await client.create(resources.configMaps, { metadata })
      expect(performance.now() - before).toBeGreaterThan(1000)
      expect(server.objects.all('configmaps')).toHaveLength(1)
    })
  })

  test('does not wait for one that wants more time than a caller has, or says nothing', async () => {
    await withClient(async (client, server) => {
      server.fail('tooManyRequests', 'get', { retryAfter: 60 })
      await expect(client.get(resources.configMaps, metadata)).rejects.toMatchObject({
        status: 429,
        retryAfter: 60,
      })
      server.fail('unavailable', 'get')
      await expect(client.get(resources.configMaps, metadata)).rejects.toMatchObject({
        status: 503,
        retryAfter: undefined,
      })
      expect(server.requests).toHaveLength(2)
    })
  })

  test('does not repeat a change whose answer was lost', async () => {
    await withClient(async (client, server) => {
      server.fail('resetWatch', 'create', { delayMs: 0 })
      server.fail('mute', 'create')
      const options = { body: { metadata }, timeoutMs: 100 }
      const path = pathOf(resources.configMaps, { namespace: 'ns' })
      await client.request('POST', path, options)
      await expect(client.request('POST', path, options)).rejects.toMatchObject({
        status: 0,
        reason: 'NoAnswer',
        message: 'POST /api/v1/namespaces/ns/configmaps: no answer within 100 ms',
      })
      expect(server.requests).toHaveLength(2)
    })
  })

  test('lists all at once when the pages are of a moment that is forgotten', async () => {
    await withClient(async (client, server) => {
      for (const name of ['a', 'b', 'c']) {
        server.objects.put('configmaps', { metadata: { namespace: 'ns', name } })
      }
      const select = ({ metadata: { name } = {} }: { metadata?: { name?: string } }) => {
        // Compaction while the first page is being read.
        server.objects.put('configmaps', { metadata: { namespace: 'ns', name: 'a' } })
        server.compact()
        return name
      }
      const { items } = await client.list(resources.configMaps, { limit: 2, select })
      expect(items).toEqual(['a', 'b', 'c'])
    })
  })

  test('takes no name for a part of a path that is none', () => {
    for (const name of ['..', 'a/b', 'a?b', '', '%2e']) {
      expect(() => pathOf(resources.pods, { namespace: 'ns', name })).toThrow(/is not a name/)
    }
    expect(() => pathOf(resources.namespaces, { namespace: 'ns' })).toThrow(/have no namespace/)
  })

  test('says where nobody answers, and shows no credential', async () => {
    await withClient(
      async (client, server) => {
        await server.close()
        const error: unknown = await client
          .get(resources.pods, metadata)
          .catch((caught: unknown) => caught)
        expect(error).toMatchObject({ status: 0, reason: 'NoAnswer' })
        expect((error as Error).message).toMatch(
          /^GET \/api\/v1\/namespaces\/ns\/pods\/a at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/,
        )
        expect(JSON.stringify(error)).not.toContain('secret-token')
      },
      () => 'secret-token',
    )
  })
})

describe('Access in a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }

  test('reads the token again each minute, and at once when it was not accepted', async () => {
    await withFolder(async (folder) => {
      let now = 0
      const source = inClusterAccess({ env, folder, now: () => now })
      const token = async () => (await source.current()).headers['authorization']
      await writeFile(join(folder, 'ca.crt'), 'PEM')
      await writeFile(join(folder, 'token'), 'one\n')
      expect(await token()).toBe('Bearer one')
      expect((await source.current()).server).toBe('https://[fd00::1]:443')
      await writeFile(join(folder, 'token'), 'two\n')
      expect(await token()).toBe('Bearer one')
      now = 60_001
      expect(await token()).toBe('Bearer two')
      await writeFile(join(folder, 'token'), 'three\n')
      source.renew()
      expect(await token()).toBe('Bearer three')
    })
  })

  test('says what to do where no token is mounted', async () => {
    await withFolder(async (folder) => {
      await expect(inClusterAccess({ env, folder }).current()).rejects.toMatchObject({
        reason: 'NoCredentials',
        message: `the ServiceAccount's token and ca.crt cannot be read in ${folder}. Set automountServiceAccountToken: true for this pod.`,
      })
    })
  })
})

describe('Access by kubeconfig', () => {
  const config = (server: string, cluster: object, user: object) =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    })

  test('trusts the CA that it names, and no other, and keeps to it when the CA changes', async () => {
    await withFolder(async (folder) => {
      const [right, wrong] = [await testAuthority('right'), await testAuthority('wrong')]
      const server = await fakeApiServer(await right.issue('localhost'))
      const file = join(folder, 'config')
      const ca = join(folder, 'ca.crt')
      await writeFile(ca, wrong.pem)
      const url = `https://localhost:${server.port}`
      await writeFile(file, config(url, { 'certificate-authority': ca }, { token: 't' }))
      const client = new KubeClient(kubeconfigAccess(file))
      try {
        await expect(client.list(resources.pods)).rejects.toMatchObject({ reason: 'NoAnswer' })
        await writeFile(ca, right.pem)
        expect((await client.list(resources.pods)).items).toEqual([])
        expect(server.requests[0]?.authorization).toBe('Bearer t')
      } finally {
        await client.close()
        await server.close()
      }
    })
  })

  test('runs an exec plugin, and again when its token was not accepted', async () => {
    await withFolder(async (folder) => {
      const server = await fakeApiServer()
      server.token = '2'
      const [file, count] = [join(folder, 'config'), join(folder, 'count')]
      const script = `n=$(($(cat ${count} 2>/dev/null || echo 0) + 1)); echo $n > ${count}
        echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"$n\\"}}"`
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'sh',
        args: ['-c', script],
      }
      const url = `http://127.0.0.1:${server.port}`
      await writeFile(file, config(url, { 'insecure-skip-tls-verify': true }, { exec }))
      const client = new KubeClient(kubeconfigAccess(file))
      try {
        await client.list(resources.pods)
        expect(server.requests.map(({ authorization }) => authorization)).toEqual([
          'Bearer 1',
          'Bearer 2',
        ])
      } finally {
        await client.close()
        await server.close()
      }
    })
  })

  test('says what is wrong with a file that gives none', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'config')
      await expect(kubeconfigAccess(file).current()).rejects.toThrow(
        /config gives no access: ENOENT/,
      )
      await writeFile(file, config('https://x', { 'proxy-url': 'socks5://x' }, {}))
      await expect(kubeconfigAccess(file).current()).rejects.toThrow('SOCKS proxies are not served')
      await expect(kubeconfigAccess(file, 'other').current()).rejects.toThrow('names no cluster')
    })
  })
})
