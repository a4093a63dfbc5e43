/** What no container beside the sidecar may have. */

import { proxyUser, ports, type InjectionRefusal } from '../injection.ts'
import { agentFolder, agentVolume, privateVolumes } from '../names.ts'
import { refuse } from './catalogue.ts'
import type { PlacedContainer } from './containers.ts'
import type { Container, PodSecurityContext, SecurityContext } from '../pod.ts'

/** Pod Security Standards (baseline). NET_RAW, which runtimes grant unasked, is not among them. */
const harmlessCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** Pod Security Standards (baseline); `spc_t` for one is no confinement at all. */
const containerTypes: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
])

const ourPorts: ReadonlySet<number> = new Set(Object.values(ports))

export function containerRefusals(
  { field, container }: PlacedContainer,
  podSecurity: PodSecurityContext | undefined,
): readonly InjectionRefusal[] {
  return [
    ...securityRefusals(field, container.securityContext, podSecurity),
    ...portRefusals(field, container),
    ...mountRefusals(field, container),
  ]
}

/** Also for ephemeral containers. */
export function securityRefusals(
  field: string,
  security: SecurityContext | undefined,
  podSecurity: PodSecurityContext | undefined,
): readonly InjectionRefusal[] {
  const context = `${field}.securityContext`
  const found: InjectionRefusal[] = []
  if (security?.privileged === true)
    found.push(refuse('Privileged', `${context}.privileged`, 'the container is privileged'))
  for (const [index, name] of (security?.capabilities?.add ?? []).entries())
    // Runtimes take SYS_ADMIN, sys_admin and CAP_SYS_ADMIN for the same.
    if (!harmlessCapabilities.has(name.toUpperCase().replace(/^CAP_/, '')))
      found.push(
        refuse('Capability', `${context}.capabilities.add[${index}]`, `the container adds ${name}`),
      )
  if (!['Default', undefined].includes(security?.procMount))
    found.push(refuse('ProcMount', `${context}.procMount`, '/proc is mounted unmasked'))
  if (security?.windowsOptions?.hostProcess === true)
    found.push(
      refuse('HostProcess', `${context}.windowsOptions.hostProcess`, 'it is a process of the host'),
    )
  const type = (security?.seLinuxOptions ?? podSecurity?.seLinuxOptions)?.type ?? ''
  if (!containerTypes.has(type))
    found.push(
      refuse('SELinuxType', `${context}.seLinuxOptions.type`, `the SELinux type is ${type}`),
    )
  if ((security?.runAsUser ?? podSecurity?.runAsUser) === proxyUser)
    found.push(refuse('User', `${context}.runAsUser`, `the container runs as user ${proxyUser}`))
  return found
}

function portRefusals(field: string, { ports: declared }: Container): readonly InjectionRefusal[] {
  return (declared ?? []).flatMap(({ containerPort, hostPort }, index) =>
    (
      [
        ['containerPort', containerPort],
        ['hostPort', hostPort],
      ] as const
    ).flatMap(([key, port]) =>
      port !== undefined && ourPorts.has(port)
        ? [refuse('Port', `${field}.ports[${index}].${key}`, `the container uses port ${port}`)]
        : [],
    ),
  )
}

/** No sub-path, propagation or read-only flag makes such a mount harmless. */
export function mountRefusals(
  field: string,
  { volumeMounts }: Pick<Container, 'volumeMounts'>,
): readonly InjectionRefusal[] {
  return (volumeMounts ?? []).flatMap(({ name, mountPath }, index) => {
    const place = `${field}.volumeMounts[${index}]`
    if ((privateVolumes as readonly string[]).includes(name))
      return [refuse('VolumeMounted', place, `the container mounts ${name}`)]
    if (name !== agentVolume && isWithin(mountPath, agentFolder))
      return [refuse('MountPath', place, `the container mounts something else at ${mountPath}`)]
    return []
  })
}

/** `/var/run` is a link to `/run` in most images. */
function isWithin(path: string, folder: string): boolean {
  return `${plain(path)}/`.startsWith(`${plain(folder)}/`)
}

function plain(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/'))
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  return `/${parts.join('/')}`.replace(/^\/var\/run(?=\/|$)/, '/run')
}
