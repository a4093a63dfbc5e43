import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import {
  apiServerFlags,
  argumentsOf,
  controllerManagerFlags,
  etcdFlags,
  schedulerFlags,
} from '../cluster/control-plane/flags.ts'
import {
  auditPolicy,
  authenticationConfiguration,
  kubeconfig,
} from '../cluster/control-plane/configuration.ts'
import { newTokens, tokenFile } from '../cluster/control-plane/identities.ts'
import { images, imageTable, repository } from '../cluster/images.ts'
import { kubeletConfiguration } from '../cluster/kubelet/configuration.ts'
import { mountPointsBelow } from '../cluster/kubelet/machine.ts'
import { manifestOf } from '../cluster/kubectl.ts'

const layout = {
  folder: '/run-folder',
  ports: { etcd: 1, etcdPeer: 2, apiServer: 3, controllerManager: 4, scheduler: 5 },
  address: '127.0.0.1',
}

describe('the programs of the control plane', () => {
  test('listen on loopback only', () => {
    const all = [
      ...argumentsOf(etcdFlags(layout)),
      ...argumentsOf(apiServerFlags(layout, true)),
      ...argumentsOf(controllerManagerFlags(layout)),
      ...argumentsOf(schedulerFlags(layout)),
    ]
    expect(all.filter((flag) => flag.startsWith('--bind-address='))).toEqual(
      Array.from({ length: 3 }, () => '--bind-address=127.0.0.1'),
    )
    expect(all).toContain('--listen-client-urls=http://127.0.0.1:1')
    const listens = all.filter((flag) => /^--(bind|listen|advertise-client)/.test(flag))
    expect(listens.filter((flag) => !flag.includes('127.0.0.1'))).toEqual([])
  })

  test('ask for roles, and for a node’s identity where a kubelet calls', () => {
    const flags = argumentsOf(apiServerFlags(layout, false))
    expect(flags).toContain('--authorization-mode=Node,RBAC')
    expect(flags).toContain('--enable-admission-plugins=NodeRestriction')
  })

  test('hold a certificate for kubelets only where there is a node', () => {
    const names = (node: boolean): readonly string[] => Object.keys(apiServerFlags(layout, node))
    expect(names(true)).toContain('kubelet-client-certificate')
    expect(names(false)).not.toContain('kubelet-client-certificate')
  })
})

describe('who may call the API server', () => {
  test('without a token: whoever asks for its health, and nothing else', () => {
    const { anonymous } = parse(authenticationConfiguration()) as {
      anonymous: { conditions: readonly { path: string }[] }
    }
    expect(anonymous.conditions.map(({ path }) => path)).toEqual(['/livez', '/readyz', '/healthz'])
  })

  test('each with a token of its own, under the names that Kubernetes’ roles are bound to', () => {
    const tokens = newTokens()
    const lines = tokenFile(tokens).trimEnd().split('\n')
    expect(new Set(Object.values(tokens)).size).toBe(lines.length)
    const kubelet = `${tokens.kubelet},system:node:frostgate-node,kubelet,"system:nodes"`
    expect(lines).toContain(kubelet)
    expect(lines).toContain(`${tokens.admin},admin,admin,"system:masters"`)
  })

  test('with a kubeconfig that trusts one certificate', () => {
    const text = kubeconfig({ server: 'https://127.0.0.1:3', authority: '/ca.crt', token: 't' })
    expect(parse(text)).toMatchObject({
      clusters: [
        { cluster: { server: 'https://127.0.0.1:3', 'certificate-authority': '/ca.crt' } },
      ],
      users: [{ user: { token: 't' } }],
    })
  })

  test('and the audit log keeps no bodies', () => {
    expect(parse(auditPolicy())).toMatchObject({ rules: [{ level: 'Metadata' }] })
  })
})

test('the kubelet lets in nobody whom the API server does not vouch for', () => {
  const text = kubeletConfiguration({ folder: '/run-folder', port: 1, healthPort: 2 })
  expect(parse(text)).toMatchObject({
    authentication: {
      anonymous: { enabled: false },
      x509: { clientCAFile: '/run-folder/kubelet-client.crt' },
    },
    authorization: { mode: 'Webhook' },
    readOnlyPort: 0,
    resolvConf: '',
  })
})

describe('the images of a node', () => {
  test('are commands by absolute path, one for each name', () => {
    const table = imageTable('/opt/node')
    expect(Object.keys(table).sort()).toEqual(Object.values(images).sort())
    for (const { command } of Object.values(table)) expect(command[0]).toMatch(/^\//)
    expect(table[images.sidecar]?.command[0]).toBe('/opt/node')
  })

  test('name entry points that are in the tree, and see the tree and Node', () => {
    const table = imageTable('/opt/node')
    for (const name of ['sidecar', 'warehouse'] as const) {
      const { command = [], paths } = table[images[name]] ?? {}
      expect(readFileSync(command[1] ?? '', 'utf8')).not.toBe('')
      expect(paths).toEqual([repository, '/opt/node'])
    }
  })

  test('can be added to and replaced by a test', () => {
    const extra = { 'example/x:1': { command: ['/x'] }, [images.shell]: { command: ['/y'] } }
    expect(imageTable('/opt/node', extra)).toMatchObject(extra)
  })
})

describe('mounts that a kubelet left', () => {
  const mountinfo = [
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '30 22 0:5 / /tmp/run/kubelet/pods/1/volumes/token rw - tmpfs tmpfs rw',
    '31 30 0:6 / /tmp/run/kubelet/pods/1/volumes/token/a\\040b rw - tmpfs tmpfs rw',
    '32 22 0:7 / /tmp/run2/kubelet rw - tmpfs tmpfs rw',
    '',
  ].join('\n')

  test('are found within the folder alone, the last first', () => {
    expect(mountPointsBelow('/tmp/run/', mountinfo)).toEqual([
      '/tmp/run/kubelet/pods/1/volumes/token/a b',
      '/tmp/run/kubelet/pods/1/volumes/token',
    ])
  })
})

test('objects are applied as one list, text as it is', () => {
  expect(manifestOf('kind: Pod')).toBe('kind: Pod')
  expect(JSON.parse(manifestOf([{ a: 1 }, { b: 2 }]))).toMatchObject({
    kind: 'List',
    items: [{ a: 1 }, { b: 2 }],
  })
  expect(JSON.parse(manifestOf({ a: 1 }))).toMatchObject({ items: [{ a: 1 }] })
})
