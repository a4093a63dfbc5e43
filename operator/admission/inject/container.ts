/** The sidecar's container, with every default that the API server would add. */

import { ports, proxyContainer, proxyUser, type InjectionContext } from '../injection.ts'
import type { RenderedResources } from './resources.ts'
import { proxyMounts, recordingLimit } from './volumes.ts'
import type { Container, Probe } from '../pod.ts'

/** Of the memory limit; buffers of results, sockets and the runtime itself live outside of it. */
const heapShare = 0.6

/** In the notation of pod and environment: `NODE_OPTIONS` has no quotes to escape. */
function nodeOptions({ memoryLimitMebibytes }: RenderedResources): string {
  const heap = Math.floor(memoryLimitMebibytes * heapShare)
  return `--max-semi-space-size=8 --max-old-space-size=${heap}`
}

/** Logging out of Snowflake, settling what was recorded and sending the rest of it. */
const goodbyeSeconds = 12

/** For statements under way, of the time that the pod has to end. */
function drainSeconds(graceSeconds: number): number {
  return Math.min(3_600, Math.max(1, graceSeconds - goodbyeSeconds))
}

/** By when it has exited with 0, before the kubelet kills it: CI runners take 137 for a failed job. */
function stopSeconds(graceSeconds: number): number {
  return Math.min(3_612, Math.max(1, graceSeconds - 2))
}

/**
 * No `preStop`: it would run when the pod starts to end, while the application still works
 * (KEP-753). No `host` in probes: Pod Security forbids it. No liveness probe: a sidecar that cannot
 * reach the operator does not mend by a restart, which would cut every session.
 */
export function proxy(
  { operator, connection }: InjectionContext,
  resources: RenderedResources,
  { logLevel, graceSeconds }: { readonly logLevel: string; readonly graceSeconds: number },
): Container {
  return {
    name: proxyContainer,
    image: operator.image,
    imagePullPolicy: operator.imagePullPolicy,
    restartPolicy: 'Always',
    env: [
      { name: 'FROSTGATE_BROKER_URL', value: operator.brokerUrl },
      { name: 'FROSTGATE_TRUST', value: operator.trust },
      { name: 'FROSTGATE_CONNECTION', value: `${connection.namespace}/${connection.name}` },
      { name: 'FROSTGATE_LOG_LEVEL', value: logLevel },
      // Said although they are the defaults: a Service called frostgate in the pod's namespace
      // would make Kubernetes set FROSTGATE_PORT to its own address.
      { name: 'FROSTGATE_PORT', value: String(ports.gateway) },
      { name: 'FROSTGATE_HEALTH_PORT', value: String(ports.health) },
      { name: 'FROSTGATE_DRAIN_SECONDS', value: String(drainSeconds(graceSeconds)) },
      { name: 'FROSTGATE_STOP_SECONDS', value: String(stopSeconds(graceSeconds)) },
      { name: 'FROSTGATE_RECORDING_LIMIT', value: String(recordingLimit) },
      { name: 'NODE_OPTIONS', value: nodeOptions(resources) },
    ],
    ports: [{ name: 'frostgate-http', containerPort: ports.health, protocol: 'TCP' }],
    resources: { requests: { ...resources.requests }, limits: { ...resources.limits } },
    startupProbe: probe('/startup', { periodSeconds: 1, failureThreshold: 120 }),
    readinessProbe: probe('/ready', { periodSeconds: 5, failureThreshold: 2 }),
    securityContext: {
      runAsUser: proxyUser,
      runAsGroup: proxyUser,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [...proxyMounts],
  }
}

function probe(path: string, timing: Pick<Probe, 'periodSeconds' | 'failureThreshold'>): Probe {
  return {
    httpGet: { path, port: ports.health, scheme: 'HTTP' },
    timeoutSeconds: 1,
    successThreshold: 1,
    ...timing,
  }
}
