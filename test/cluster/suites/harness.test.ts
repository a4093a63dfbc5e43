/** The cluster itself: what every other suite takes for granted. */

import { readFileSync } from 'node:fs'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import { files } from '../control-plane/flags.ts'
import { healthy } from '../control-plane/health.ts'
import { identities } from '../control-plane/identities.ts'
import { images } from '../images.ts'
import { refusalOf } from '../kubectl.ts'

const cluster = connectCluster(inject('cluster'))
const { kubectl, facts } = cluster
const namespace = 'harness'

beforeAll(async () => {
  await cluster.createNamespace(namespace, { 'frostgate.dev/test': 'harness' })
})

afterAll(async () => {
  await kubectl.delete('namespace', namespace)
})

describe('the API server', () => {
  test('calls itself by the version that the tests stand for', async () => {
    const { gitVersion } = JSON.parse(await kubectl.run(['get', '--raw', '/version'])) as {
      gitVersion: string
    }
    expect(gitVersion).toContain(cluster.versions['kube-apiserver'])
  })

  test('mints a token for another audience, and its review says so', async () => {
    const audience = 'https://frostgate.example/enrol'
    const flags = ['--namespace', namespace, '--audience', audience]
    const token = (await kubectl.run(['create', 'token', 'default', ...flags])).trim()
    const review = async (audiences: readonly string[]): Promise<unknown> => {
      const input = JSON.stringify({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences },
      })
      const answer = await kubectl.run(['create', '-f', '-', '-o', 'json'], { input })
      return (JSON.parse(answer) as { status: unknown }).status
    }
    expect(await review([audience])).toMatchObject({
      authenticated: true,
      audiences: [audience],
      user: { username: `system:serviceaccount:${namespace}:default` },
    })
    expect(await review(['https://elsewhere.example'])).not.toMatchObject({ authenticated: true })
  })

  test.runIf(cluster.owned)('answers nobody without a token beyond its health', async () => {
    const server = serverOf(facts.kubeconfig)
    const authority = join(cluster.runFolder, files.apiServerCertificate)
    expect(await healthy(`${server}/readyz`, authority)).toBe(true)
    await expect(healthy(`${server}/api/v1/namespaces`, authority)).rejects.toThrow('answered 401')
  })

  test.runIf(cluster.owned)('judges a node’s identity by what lies on that node', async () => {
    const { user, groups } = identities.kubelet
    const as = ['--as', user, ...groups.flatMap((group) => ['--as-group', group])]
    const asked = kubectl.run(['create', 'token', 'default', '--namespace', namespace, ...as])
    expect(await refusalOf(asked)).toContain('forbidden')
  })

  test.runIf(cluster.owned)('keeps its data over a restart', async () => {
    const data = { kept: 'over a restart' }
    const metadata = { name: 'kept', namespace }
    await kubectl.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
    await cluster.apiServer.stop()
    expect(await refusalOf(kubectl.get('configmap', 'kept', namespace))).toContain('refused')
    await cluster.apiServer.start()
    expect(await kubectl.get('configmap', 'kept', namespace)).toMatchObject({ data })
  })
})

describe.skipIf('skipped' in facts.helmFinding)('helm', () => {
  test('installs, upgrades and uninstalls a chart that asks for a Kubernetes version', async () => {
    const chart = await mkdtemp(join(tmpdir(), 'frostgate-chart-'))
    const release = { name: 'probe', namespace }
    const about = { apiVersion: 'v2', name: 'probe', version: '0.1.0', kubeVersion: '>=1.32.0-0' }
    const template =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: probe}\ndata: {say: "{{ .Values.say }}"}\n'
    try {
      await mkdir(join(chart, 'templates'))
      await writeFile(join(chart, 'Chart.yaml'), JSON.stringify(about))
      await writeFile(join(chart, 'templates', 'probe.yaml'), template)
      for (const [step, say] of [
        ['install', 'one'],
        ['upgrade', 'two'],
      ] as const) {
        await cluster.helm[step](release, chart, { values: { say } })
        expect(await kubectl.get('configmap', 'probe', namespace)).toMatchObject({ data: { say } })
      }
      await cluster.helm.uninstall(release)
      expect(await kubectl.find('configmap', 'probe', namespace)).toBeUndefined()
    } finally {
      await rm(chart, { recursive: true, force: true })
    }
  })
})

describe.runIf(facts.part === 'node')('the node', () => {
  interface Job {
    readonly status?: { readonly succeeded?: number; readonly failed?: number }
  }

  test('runs a Job whose native sidecar starts before it and ends after it', async () => {
    await kubectl.apply(sidecarJob())
    const job = await kubectl.waitFor<Job>(
      'job',
      'with-sidecar',
      namespace,
      ({ status }) => (status?.succeeded ?? 0) + (status?.failed ?? 0) > 0,
      { seconds: 90 },
    )
    const [pod] = await kubectl.list('pods', namespace, 'job-name=with-sidecar')
    const name = pod?.metadata.name ?? 'no pod'
    expect(await kubectl.logs(name, 'app', namespace)).toBe('the sidecar was ready\n')
    expect(await kubectl.logs(name, 'sidecar', namespace)).toBe('started\nasked to end\n')
    expect(job.status).toMatchObject({ succeeded: 1 })
  })

  test('gives a Service a name and an address that pods reach', async () => {
    await kubectl.apply(webServer())
    await kubectl.run(
      ['wait', 'pod/web', '--for=condition=Ready', '-n', namespace, '--timeout=60s'],
      { seconds: 70 },
    )
    const ask =
      "fetch('http://web.harness.svc.cluster.local').then((r) => r.text()).then(console.log)"
    const answer = await kubectl.exec('web', 'web', namespace, ['node', '-e', ask])
    expect(answer).toBe('hello from web\n')
  })
})

function sidecarJob(): object {
  const shell = { image: images.shell, imagePullPolicy: 'IfNotPresent' }
  const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
  const sidecar =
    'trap "echo asked to end; exit 0" TERM; echo started; sleep 1; touch /shared/ready; while :; do sleep 0.2; done'
  const app = 'test -f /shared/ready && echo the sidecar was ready'
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'with-sidecar', namespace },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          initContainers: [
            {
              name: 'sidecar',
              ...shell,
              command: ['/bin/sh', '-c', sidecar],
              restartPolicy: 'Always',
              startupProbe: {
                exec: { command: ['/bin/sh', '-c', 'test -f /shared/ready'] },
                periodSeconds: 1,
                failureThreshold: 30,
              },
              volumeMounts,
            },
          ],
          containers: [{ name: 'app', ...shell, command: ['/bin/sh', '-c', app], volumeMounts }],
          volumes: [{ name: 'shared', emptyDir: { medium: 'Memory' } }],
        },
      },
    },
  }
}

function webServer(): readonly object[] {
  const labels = { app: 'web' }
  const program =
    "require('http').createServer((q, a) => a.end('hello from web')).listen(8080, '0.0.0.0')"
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace, labels },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'web',
            image: images.node,
            imagePullPolicy: 'IfNotPresent',
            args: ['-e', program],
            readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ]
}

function serverOf(kubeconfig: string): string {
  const server = /server: (\S+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1]
  if (server === undefined) throw new Error(`${kubeconfig} names no server`)
  return server
}
