/** Which versions of the programs work with the Kubernetes that the tests stand for. */

export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** The first version in what a program prints about itself, whatever stands around it. */
export function versionIn(text: string): Version | undefined {
  const match = /(?:^|[^\d.])v?(\d+)\.(\d+)\.(\d+)/.exec(text)
  if (match === null) return undefined
  const [major, minor, patch] = match.slice(1).map(Number)
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  return { major, minor, patch }
}

export function printed({ major, minor, patch }: Version): string {
  return `${major}.${minor}.${patch}`
}

type Rule = (version: Version, kubernetes: Version) => string | undefined

const sameMinor: Rule = (version, kubernetes) =>
  version.major === kubernetes.major && version.minor === kubernetes.minor
    ? undefined
    : `is not ${kubernetes.major}.${kubernetes.minor}`

/** For each program: why a version will not do, or undefined where it will. */
const rules = {
  etcd: ({ major, minor }) =>
    major === 3 && minor >= 5 ? undefined : 'is not etcd 3.5 or a later 3.x',
  'kube-apiserver': sameMinor,
  'kube-controller-manager': sameMinor,
  'kube-scheduler': sameMinor,
  kubelet: sameMinor,
  // Kubernetes' version skew policy: kubectl within one minor of the API server.
  kubectl: (version, kubernetes) =>
    version.major === kubernetes.major && Math.abs(version.minor - kubernetes.minor) <= 1
      ? undefined
      : `is more than one minor away from ${kubernetes.major}.${kubernetes.minor}`,
  helm: ({ major }) => (major >= 4 ? undefined : 'is older than 4'),
} as const satisfies Readonly<Record<string, Rule>>

export type Versioned = keyof typeof rules

/** Why this version of a program will not do, as a clause; undefined where it will. */
export function refusal(
  program: Versioned,
  version: Version,
  kubernetes: Version,
): string | undefined {
  return rules[program](version, kubernetes)
}
