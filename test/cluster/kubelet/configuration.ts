/** Configuration of a kubelet on a machine without rights on cgroups, in the files of one run. */

import { join } from 'node:path'

import { stringify } from 'yaml'

import { clusterDns, clusterDomain, files, nodeIp } from '../control-plane/flags.ts'

export interface KubeletPlace {
  readonly folder: string
  readonly port: number
  readonly healthPort: number
}

export function kubeletConfiguration({ folder, port, healthPort }: KubeletPlace): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: nodeIp,
    port,
    readOnlyPort: 0,
    healthzBindAddress: '127.0.0.1',
    healthzPort: healthPort,
    // As on any cluster: nobody without a certificate or token, and the API server is asked.
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true, cacheTTL: '10s' },
      x509: { clientCAFile: join(folder, files.kubeletClient) },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${runtimeSocket(folder)}`,
    podLogsDir: join(folder, 'pod-logs'),
    clusterDNS: [clusterDns],
    clusterDomain,
    // Pods see no name server but the cluster's.
    resolvConf: '',
    serializeImagePulls: false,
    syncFrequency: '1s',
    nodeStatusUpdateFrequency: '2s',
    nodeStatusReportFrequency: '10s',
    // Tests wait for restarts; a growing back-off only makes them wait longer.
    featureGates: { KubeletCrashLoopBackOffMax: true },
    crashLoopBackOff: { maxContainerRestartPeriod: '2s' },
    // Builders and developers' machines: cgroup v1 or no right to write cgroups, swap, own firewall.
    failCgroupV1: false,
    failSwapOn: false,
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    makeIPTablesUtilChains: false,
    // A full disk of the machine is not the node's: no eviction and no collection of images.
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
  })
}

export function runtimeSocket(folder: string): string {
  return join(folder, 'runtime.sock')
}
