/** The broker as an attacker with a token reaches it. */

import { enrolAudience } from '../../../sidecar/control/protocol.ts'
import { makeSidecarKey, TestSidecar } from '../../support/broker-client.ts'
import type { Cluster } from '../cluster.ts'
import type { Place } from './agent-container.ts'
import { release } from './frostgate.ts'
import { forwardedPort } from './port-forward.ts'

const service = `frostgate-broker.${release.namespace}.svc`

export interface BrokerAccess {
  /** A sidecar with a key of its own. */
  readonly sidecar: () => Promise<TestSidecar>
  readonly close: () => void
}

/** Forwards a port to the broker. @param trust what a sidecar is told to trust, PEM. */
export async function reachBroker(cluster: Cluster, trust: string): Promise<BrokerAccess> {
  const forwarded = await forwardedPort(cluster, release.namespace, 'frostgate-broker', 8443)
  const opened: TestSidecar[] = []
  return {
    sidecar: async () => {
      const address = { origin: `https://${service}:8443`, port: forwarded.port, trust }
      const sidecar = new TestSidecar(address, await makeSidecarKey())
      opened.push(sidecar)
      return sidecar
    },
    close: () => {
      for (const sidecar of opened) sidecar.close()
      forwarded.close()
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
