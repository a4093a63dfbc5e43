/** A pod author: every right inside a namespace and none outside, in words of plain HTTP. */

import { readFileSync } from 'node:fs'
import { request } from 'node:https'

import { parse } from 'yaml'

import { isObject, type JsonObject } from '../../../sidecar/json.ts'
import type { Cluster } from '../cluster.ts'

export interface ApiAnswer {
  readonly status: number
  /** Of a refusal, who refused and why; empty otherwise. */
  readonly message: string
  readonly body: JsonObject
}

export interface Author {
  readonly username: string
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ) => Promise<ApiAnswer>
  /** A pod of the namespace; the answer is the pod as admission left it. */
  readonly createPod: (pod: JsonObject, options?: { dryRun?: boolean }) => Promise<ApiAnswer>
  /** JSON patch of a pod or one of its subresources (`/status`). */
  readonly patchPod: (
    name: string,
    operations: readonly object[],
    subresource?: string,
  ) => Promise<ApiAnswer>
  readonly createToken: (
    serviceAccount: string,
    spec: JsonObject,
  ) => Promise<ApiAnswer & { readonly token: string }>
  /** Bearer token for kubectl. */
  readonly token: string
}

/**
 * The ServiceAccount `author` with the ClusterRole admin, and beyond it everything that concerns
 * pods: no real author has more without being an administrator of the cluster.
 */
export async function podAuthor(cluster: Cluster, namespace: string): Promise<Author> {
  const { kubectl } = cluster
  const subjects = [{ kind: 'ServiceAccount', namespace, name: 'author' }]
  const apiGroup = 'rbac.authorization.k8s.io'
  const rbac = `${apiGroup}/v1`
  const metadata = (name: string) => ({ namespace, name })
  await kubectl.apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('author') },
    {
      apiVersion: rbac,
      kind: 'Role',
      metadata: metadata('pods-entirely'),
      rules: [
        { apiGroups: [''], resources: ['bindings', ...podRights], verbs: ['*'] },
        { apiGroups: ['frostgate.dev'], resources: ['*'], verbs: ['*'] },
      ],
    },
    ...(['Role/pods-entirely', 'ClusterRole/admin'] as const).map((role) => {
      const [kind = '', name = ''] = role.split('/')
      return {
        apiVersion: rbac,
        kind: 'RoleBinding',
        metadata: metadata(`author-${name}`),
        subjects,
        roleRef: { apiGroup, kind, name },
      }
    }),
  ])
  const token = await kubectl.run(['create', 'token', 'author', '-n', namespace])
  return authorWith(cluster, namespace, token.trim())
}

/** RBAC knows no `pods/*`. */
const podRights = [
  'pods',
  ...['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log'].map(
    (name) => `pods/${name}`,
  ),
  ...['portforward', 'proxy', 'resize', 'status'].map((name) => `pods/${name}`),
  ...['services', 'serviceaccounts', 'serviceaccounts/token', 'secrets', 'events'],
  ...['resourcequotas', 'limitranges'],
]

function authorWith(cluster: Cluster, namespace: string, token: string): Author {
  const { server, ca } = serverOf(cluster.kubeconfig)
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const call: Author['call'] = (method, path, body, contentType = 'application/json') =>
    send(`${server}${path}`, { ca, method, contentType, token, body })
  return {
    username: `system:serviceaccount:${namespace}:author`,
    call,
    createPod: (pod, { dryRun = false } = {}) =>
      call('POST', `${pods}${dryRun ? '?dryRun=All' : ''}`, {
        apiVersion: 'v1',
        kind: 'Pod',
        ...pod,
      }),
    patchPod: (name, operations, subresource = '') =>
      call('PATCH', `${pods}/${name}${subresource}`, operations, 'application/json-patch+json'),
    createToken: async (serviceAccount, spec) => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`
      const answer = await call('POST', path, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec,
      })
      const status = answer.body['status']
      const made = isObject(status) ? status['token'] : undefined
      return { ...answer, token: typeof made === 'string' ? made : '' }
    },
    token,
  }
}

function serverOf(kubeconfig: string): {
  readonly server: string
  readonly ca: string | undefined
} {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as {
    readonly clusters: readonly {
      readonly cluster: {
        readonly server: string
        readonly 'certificate-authority'?: string
        readonly 'certificate-authority-data'?: string
      }
    }[]
  }
  const cluster = config.clusters[0]?.cluster
  if (cluster === undefined) throw new Error(`${kubeconfig} names no cluster`)
  const data = cluster['certificate-authority-data']
  const file = cluster['certificate-authority']
  if (data !== undefined)
    return { server: cluster.server, ca: Buffer.from(data, 'base64').toString() }
  return { server: cluster.server, ca: file === undefined ? undefined : readFileSync(file, 'utf8') }
}

interface Sent {
  readonly ca: string | undefined
  readonly method: string
  readonly contentType: string
  readonly token: string
  readonly body: unknown
}

function send(url: string, { ca, method, contentType, token, body }: Sent): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method,
      ...(ca === undefined ? {} : { ca }),
      headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
    })
    call.on('error', reject)
    call.on('response', (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () => {
        resolve(answerOf(response.statusCode ?? 0, Buffer.concat(pieces).toString()))
      })
    })
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function answerOf(status: number, text: string): ApiAnswer {
  let body: JsonObject
  try {
    const value: unknown = JSON.parse(text)
    body = isObject(value) ? value : {}
  } catch {
    body = { message: text }
  }
  const said = body['message']
  return { status, message: status >= 400 && typeof said === 'string' ? said : '', body }
}
