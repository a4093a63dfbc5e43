/** AdmissionReviews as an API server posts them, and how long their answers take. */

import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:https'

import { annotations } from '../../../operator/admission/injection.ts'
import type { Pod } from '../../../operator/admission/pod.ts'
import { connectionName, podNamespace } from './objects.ts'

export interface Review {
  readonly path: string
  readonly resource: string
  readonly object: object
}

export interface ReviewTarget {
  readonly port: number
  readonly host: string
  /** PEM. */
  readonly ca: string
}

export interface ReviewAnswer {
  readonly allowed: boolean
  readonly patch?: string
  readonly status?: { readonly message: string }
}

/** A CI job of two containers, as the ServiceAccount admission leaves it. */
export function runner(name: string, connection: number): Pod {
  const env = Array.from({ length: 20 }, (_, index) => ({
    name: `SETTING_${index}`,
    value: `value of setting ${index}`,
  }))
  const container = (each: string) => ({ name: each, image: `ghcr.io/acme/${each}:1`, env })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: podNamespace,
      annotations: { [annotations.connection]: connectionName(connection) },
    },
    spec: {
      serviceAccountName: 'default',
      restartPolicy: 'Never',
      containers: [container('runner'), container('helper')],
      volumes: [{ name: 'work', emptyDir: {} }],
    },
  }
}

export class Reviewer {
  readonly #target: ReviewTarget
  readonly #agent: Agent

  /** Connections are kept open, as an API server does. */
  constructor(target: ReviewTarget) {
    this.#target = target
    this.#agent = new Agent({ keepAlive: true, ca: target.ca, servername: target.host })
  }

  async ask({ path, resource, object }: Review): Promise<ReviewAnswer> {
    const ours = resource !== 'pods'
    const body = JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: randomUUID(),
        kind: { group: '', version: 'v1', kind: 'Pod' },
        resource: {
          group: ours ? 'frostgate.dev' : '',
          version: ours ? 'v1alpha1' : 'v1',
          resource,
        },
        operation: 'CREATE',
        namespace: podNamespace,
        userInfo: { username: 'bench' },
        object,
        dryRun: true,
      },
    })
    const { response } = JSON.parse(await this.#post(path, body)) as {
      readonly response: ReviewAnswer
    }
    return response
  }

  /** Milliseconds of each of `count` reviews, of which `concurrency` are under way at a time. */
  async times(review: (index: number) => Review, count: number, concurrency: number) {
    const times: number[] = []
    let next = 0
    const work = async (): Promise<void> => {
      while (next < count) {
        const asked = review((next += 1))
        const since = performance.now()
        const { allowed, status } = await this.ask(asked)
        times.push(performance.now() - since)
        if (!allowed) throw new Error(status?.message ?? 'a review was refused')
      }
    }
    await Promise.all(Array.from({ length: concurrency }, work))
    return times
  }

  close(): void {
    this.#agent.destroy()
  }

  #post(path: string, body: string): Promise<string> {
    const { port } = this.#target
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      const call = request(
        { agent: this.#agent, host: '127.0.0.1', port, path, method: 'POST', headers },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (piece: string) => (text += piece))
          answer.on('end', () => {
            resolve(text)
          })
          answer.on('error', reject)
        },
      )
      call.on('error', reject)
      call.end(body)
    })
  }
}
