/** The sidecar's volumes, with every default that the API server would add. */

import { agentAudience, enrolAudience } from '../../../sidecar/control/protocol.ts'
import { annotations } from '../injection.ts'
import { agentFolder, agentVolume } from '../names.ts'
import type { Volume, VolumeMount, VolumeProjection } from '../pod.ts'

/** Seconds; the least that Kubernetes grants. */
const tokenLifetime = 600

/** The kubelet's default: others may read, or a container with another user could not. */
const fileMode = 0o644

/**
 * Bytes that the sidecar writes at most, 64 MiB below the volume's `sizeLimit`. The kubelet ends a pod whose volume grows beyond its limit;
 * at this one statements are refused, as at any full disk.
 */
export const recordingLimit = (1024 - 64) * 1024 * 1024

export function volumes(clusterUid: string): readonly Volume[] {
  return [
    projected('frostgate-identity', [token(enrolAudience(clusterUid))]),
    { name: 'frostgate-key', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'frostgate-recording', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'frostgate-no-api', emptyDir: { sizeLimit: '1Mi' } },
    projected(agentVolume, [
      token(agentAudience),
      {
        downwardAPI: {
          items: [
            file('connections.toml', annotations.connectionsToml),
            file('config.toml', annotations.configToml),
          ],
        },
      },
    ]),
  ]
}

export const proxyMounts: readonly VolumeMount[] = [
  { name: 'frostgate-identity', mountPath: '/var/run/frostgate/token', readOnly: true },
  { name: 'frostgate-key', mountPath: '/var/run/frostgate/key' },
  { name: 'frostgate-recording', mountPath: '/var/lib/frostgate' },
  {
    // The ServiceAccount plugin mounts the API's token wherever nothing is mounted here.
    name: 'frostgate-no-api',
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    readOnly: true,
  },
]

export const agentMount: VolumeMount = {
  name: agentVolume,
  mountPath: agentFolder,
  readOnly: true,
}

function projected(name: string, sources: VolumeProjection[]): Volume {
  return { name, projected: { defaultMode: fileMode, sources } }
}

function token(audience: string): VolumeProjection {
  return { serviceAccountToken: { audience, expirationSeconds: tokenLifetime, path: 'token' } }
}

function file(path: string, annotation: string) {
  return {
    path,
    fieldRef: { apiVersion: 'v1', fieldPath: `metadata.annotations['${annotation}']` },
  }
}
