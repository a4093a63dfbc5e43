/** Command lines of the control plane's programs. */

import { join } from 'node:path'

/** Pods reach the API server here; on loopback of the machine, and routed to by each pod. */
export const nodeIp = '10.99.255.254'

export const serviceCidr = '10.0.0.0/24'
export const clusterDns = '10.0.0.10'
export const clusterDomain = 'cluster.local'
export const serviceAccountIssuer = `https://kubernetes.default.svc.${clusterDomain}`

export interface Ports {
  readonly etcd: number
  readonly etcdPeer: number
  readonly apiServer: number
  readonly controllerManager: number
  readonly scheduler: number
}

export interface Layout {
  /** Where all files of this cluster are. */
  readonly folder: string
  readonly ports: Ports
  /** What the API server listens on: nodeIp where there are pods, else 127.0.0.1. */
  readonly address: string
}

/** File names within the run folder, one place for those who write and those who read. */
export const files = {
  tokens: 'tokens.csv',
  authentication: 'authentication.yaml',
  auditPolicy: 'audit-policy.yaml',
  audit: 'audit.log',
  serviceAccountKey: 'service-account.key',
  serviceAccountPublic: 'service-account.pub',
  certificates: 'certificates',
  apiServerCertificate: 'certificates/apiserver.crt',
  kubeletClient: 'kubelet-client.crt',
  kubeletClientKey: 'kubelet-client.key',
  etcdData: 'etcd',
  logs: 'logs',
} as const

export type Flags = Readonly<Record<string, string | number | boolean>>

/** `--name=value` for each; etcd and Kubernetes read this form alike. */
export function argumentsOf(flags: Flags): readonly string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
}

export function etcdFlags({ folder, ports }: Layout): Flags {
  const client = etcdUrl(ports)
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  return {
    'data-dir': join(folder, files.etcdData),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    // The data lives as long as the test: nothing is won by waiting for the disk.
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  }
}

export function etcdUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.etcd}`
}

/** @param kubeletClient whether there is a client certificate for calls to a kubelet. */
export function apiServerFlags(layout: Layout, kubeletClient: boolean): Flags {
  const { folder, ports, address } = layout
  const at = (name: keyof typeof files): string => join(folder, files[name])
  return {
    'etcd-servers': etcdUrl(ports),
    'cert-dir': at('certificates'),
    'bind-address': address,
    'secure-port': ports.apiServer,
    // The address behind the service kubernetes.default, and in the serving certificate.
    'advertise-address': nodeIp,
    'service-cluster-ip-range': serviceCidr,
    'service-account-issuer': serviceAccountIssuer,
    'service-account-key-file': at('serviceAccountPublic'),
    'service-account-signing-key-file': at('serviceAccountKey'),
    'token-auth-file': at('tokens'),
    'authentication-config': at('authentication'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': true,
    // Webhooks that name a service are called at its endpoints: this machine routes no service IP.
    'enable-aggregator-routing': true,
    'audit-policy-file': at('auditPolicy'),
    'audit-log-path': at('audit'),
    ...(kubeletClient
      ? {
          'kubelet-client-certificate': at('kubeletClient'),
          'kubelet-client-key': at('kubeletClientKey'),
          'kubelet-preferred-address-types': 'InternalIP',
        }
      : {}),
  }
}

export function controllerManagerFlags({ folder, ports }: Layout): Flags {
  return {
    kubeconfig: join(folder, 'kube-controller-manager.kubeconfig'),
    'service-account-private-key-file': join(folder, files.serviceAccountKey),
    'root-ca-file': join(folder, files.apiServerCertificate),
    'cert-dir': join(folder, files.certificates),
    'use-service-account-credentials': true,
    'leader-elect': false,
    'bind-address': '127.0.0.1',
    'secure-port': ports.controllerManager,
  }
}

export function schedulerFlags({ folder, ports }: Layout): Flags {
  return {
    kubeconfig: join(folder, 'kube-scheduler.kubeconfig'),
    'cert-dir': join(folder, files.certificates),
    'leader-elect': false,
    'bind-address': '127.0.0.1',
    'secure-port': ports.scheduler,
  }
}
