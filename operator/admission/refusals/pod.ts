/** What a pod as a whole may not ask for: ways round the sidecar, or into it. */

import { annotations, type InjectionRefusal } from '../injection.ts'
import { refuse, type Reason } from './catalogue.ts'
import type { Pod, PodSpec } from '../pod.ts'

/** Fields that are refused where they are true. */
const flags: readonly (readonly [field: keyof PodSpec, reason: Reason, what: string])[] = [
  ['hostNetwork', 'HostNetwork', 'the pod uses the node’s network'],
  ['hostPID', 'HostPID', 'the pod sees the node’s processes'],
  ['hostIPC', 'HostIPC', 'the pod shares the node’s IPC'],
  ['shareProcessNamespace', 'ShareProcessNamespace', 'all containers see each other’s processes'],
]

/** Pod Security Standards (baseline): namespaced, and isolated from the node and other pods. */
const safeSysctls: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/**
 * `hostUsers` is free: false maps the pod's users to others of the node, which only separates more.
 * So is a runtime class: gVisor and Kata keep one network namespace per pod, as the sidecar needs.
 */
export function podRefusals(pod: Pod, spec: PodSpec): readonly InjectionRefusal[] {
  const security = spec.securityContext
  return [
    ...(pod.metadata?.annotations?.[mirrorAnnotation] === undefined
      ? []
      : [refuse('MirrorPod', annotationField(mirrorAnnotation), 'the pod is a static pod')]),
    ...flags
      .filter(([field]) => spec[field] === true)
      .map(([field, reason, what]) => refuse(reason, `spec.${field}`, what)),
    ...windows(spec),
    ...(security?.sysctls ?? []).flatMap(({ name }, index) =>
      safeSysctls.has(name.replaceAll('/', '.'))
        ? []
        : [refuse('Sysctl', `spec.securityContext.sysctls[${index}]`, `${name} is not a safe one`)],
    ),
  ]
}

/** Only a running pod may have them; the API server says so too, but webhooks run first. */
export function createRefusals(spec: PodSpec): readonly InjectionRefusal[] {
  return (spec.ephemeralContainers ?? []).length === 0
    ? []
    : [
        refuse(
          'EphemeralContainers',
          'spec.ephemeralContainers',
          'a new pod has ephemeral containers',
        ),
      ]
}

function windows(spec: PodSpec): readonly InjectionRefusal[] {
  const fields: readonly (readonly [field: string, found: boolean])[] = [
    ['spec.os.name', spec.os?.name === 'windows'],
    ['spec.nodeSelector[kubernetes.io/os]', spec.nodeSelector?.['kubernetes.io/os'] === 'windows'],
    ['spec.securityContext.windowsOptions', spec.securityContext?.windowsOptions !== undefined],
  ]
  return fields.flatMap(([field, found]) =>
    found ? [refuse('Windows', field, 'the pod is for Windows nodes')] : [],
  )
}

/** `metadata.annotations[frostgate.dev/connection]` */
export function annotationField(name: string): string {
  return `metadata.annotations[${name}]`
}

/** Without it nobody asked for the sidecar. */
export function isAnnotated(pod: Pod): boolean {
  return pod.metadata?.annotations?.[annotations.connection] !== undefined
}
