/** A port of a Service, as this machine reaches it. */

import { spawn } from 'node:child_process'

import type { Cluster } from '../cluster.ts'

export interface ForwardedPort {
  readonly port: number
  readonly close: () => void
}

/** To one pod of the Service, until that ends. */
export async function forwardedPort(
  { facts: { kubectlPath, kubeconfig } }: Cluster,
  namespace: string,
  service: string,
  port: number,
): Promise<ForwardedPort> {
  const args = ['--kubeconfig', kubeconfig, 'port-forward', '-n', namespace]
  const child = spawn(kubectlPath, [...args, `service/${service}`, `:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const found = await new Promise<number>((resolve, reject) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      const [, local] = /127\.0\.0\.1:(\d+)/.exec(text) ?? []
      if (local !== undefined) resolve(Number(local))
    })
    child.on('error', reject).on('exit', (code) => {
      reject(new Error(`kubectl port-forward ended with ${String(code)}`))
    })
  })
  return { port: found, close: () => child.kill() }
}
