/** The broker as an attacker with a token reaches it. */

import { spawn } from 'node:child_process'

import { enrolAudience } from '../../../sidecar/control/protocol.ts'
import { makeSidecarKey, TestSidecar } from '../../support/broker-client.ts'
import type { Cluster } from '../cluster.ts'
import type { Place } from './agent-container.ts'
import { release } from './frostgate.ts'

const service = `frostgate-broker.${release.namespace}.svc`

export interface BrokerAccess {
  /** A sidecar with a key of its own. */
  readonly sidecar: () => Promise<TestSidecar>
  readonly close: () => void
}

/** Forwards a port to the broker. @param trust what a sidecar is told to trust, PEM. */
export async function reachBroker(cluster: Cluster, trust: string): Promise<BrokerAccess> {
  const { kubectlPath, kubeconfig } = cluster.facts
  const args = ['--kubeconfig', kubeconfig, 'port-forward', '-n', release.namespace]
  const child = spawn(kubectlPath, [...args, 'service/frostgate-broker', ':8443'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      const [, found] = /127\.0\.0\.1:(\d+)/.exec(text) ?? []
      if (found !== undefined) resolve(Number(found))
    })
    child.on('error', reject).on('exit', (code) => {
      reject(new Error(`kubectl port-forward ended with ${String(code)}`))
    })
  })
  const opened: TestSidecar[] = []
  return {
    sidecar: async () => {
      const address = { origin: `https://${service}:8443`, port, trust }
      const sidecar = new TestSidecar(address, await makeSidecarKey())
      opened.push(sidecar)
      return sidecar
    },
    close: () => {
      for (const sidecar of opened) sidecar.close()
      child.kill()
    },
  }
}

/** The token that the kubelet alone gets: as if it had been taken out of the sidecar's volume. */
export async function stolenToken(
  { kubectl }: Cluster,
  { namespace, pod }: Place,
  serviceAccount = 'runner',
): Promise<string> {
  const { metadata } = await kubectl.get('namespace', 'kube-system')
  const token = await kubectl.run([
    'create', 'token', serviceAccount, '-n', namespace, '--audience', enrolAudience(metadata.uid),
    '--bound-object-kind', 'Pod', '--bound-object-name', pod,
    '--as', 'system:node:attacks', '--as-group', 'system:masters',
  ]) // prettier-ignore
  return token.trim()
}
