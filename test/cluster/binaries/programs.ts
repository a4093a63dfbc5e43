/** The programs a cluster consists of, and the Go module each is built from. */

export type ModuleName = 'etcd' | 'kubernetes' | 'node'

interface Source {
  readonly module: ModuleName
  readonly package: string
  /** What makes it print its version; a program without one is known by its sources. */
  readonly version?: readonly string[]
}

export const programs = {
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', version: ['--version'] },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'node-runtime': { module: 'node', package: '.' },
} as const satisfies Readonly<Record<string, Source>>

export type ProgramName = keyof typeof programs

export const programNames = Object.keys(programs) as readonly ProgramName[]

/** What each part of a cluster cannot do without; the later ones need the earlier ones too. */
export const partPrograms = {
  'api-server': ['etcd', 'kube-apiserver'],
  'control-plane': ['kube-controller-manager', 'kube-scheduler'],
  node: ['kubelet', 'node-runtime'],
} as const satisfies Readonly<Record<string, readonly ProgramName[]>>

export type Part = keyof typeof partPrograms

export const parts = Object.keys(partPrograms) as readonly Part[]

/** The part and all those it stands on. */
export function partsUpTo(part: Part): readonly Part[] {
  return parts.slice(0, parts.indexOf(part) + 1)
}

export function sourceOf(name: ProgramName): Source {
  return programs[name]
}

export interface Found {
  readonly path: string
  readonly version: string
  /** Where it was found, in words: an environment variable, the cache, PATH. */
  readonly from: string
}

export interface Missing {
  /** Why it cannot be had, and the remedy. */
  readonly skipped: string
  /** It could have been had and is our fault: the run must not pass as merely skipped. */
  readonly broken?: true
}

export type Finding = Found | Missing

function kubernetes<N extends string>(name: N) {
  return {
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    version: ['--version'],
  } as const
}
