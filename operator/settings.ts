/** The operator's settings, from the environment as the chart writes it. */

import { defaultResources } from './admission/defaults.ts'
import type { SidecarResources } from './admission/injection.ts'
import { parseQuantity } from './admission/inject/quantity.ts'

export interface Settings {
  /** The operator's own namespace. */
  readonly namespace: string
  /** Name of this replica. */
  readonly podName: string
  /** Where SnowflakeConnections are served from, and Secrets are read. */
  readonly connectionNamespaces: readonly string[]
  readonly sidecarImage: string
  readonly sidecarPullPolicy: 'Always' | 'IfNotPresent' | 'Never'
  readonly sidecarResources: SidecarResources
  /** As sidecars reach it. */
  readonly brokerUrl: string
  /** Prefix of the names of webhook configurations, Services and the Secret of keys. */
  readonly release: string
  readonly brokerPort: number
  readonly webhookPort: number
  readonly healthPort: number
  /** Where sidecars' recordings are kept; undefined keeps none. */
  readonly recordingFolder: string | undefined
  /** Bytes of all recordings, below what the volume holds. */
  readonly recordingTotal: number
  /** Milliseconds for which recordings of pods that are gone are kept. */
  readonly recordingKeepMs: number
  /** Milliseconds for which approval requests that have ended are kept. */
  readonly approvalsKeepMs: number
  /** Where the approvals page and Slack's calls are served, if either is. */
  readonly pagePort: number
  /** Of the approvals page, in the form of page/settings.ts; undefined: there is none. */
  readonly pageFile: string | undefined
  /** Folder with `tls.crt` and `tls.key` of the page; undefined: a certificate of the operator's own. */
  readonly pageTlsFolder: string | undefined
  /** Whom to tell of requests, in the form of notify/settings.ts; undefined: nobody. */
  readonly notifyFile: string | undefined
  readonly logLevel: string
}

const name = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** @throws Error that names the variable, what is wrong with it and what to write. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const required = (variable: string, what: string): string => {
    const value = env[variable]
    if (value !== undefined && value !== '') return value
    throw new Error(`${variable} is not set. It is ${what}; the Helm chart sets it.`)
  }
  const namespace = required('FROSTGATE_NAMESPACE', 'the namespace that the operator runs in')
  if (!name.test(namespace))
    throw new Error(
      `FROSTGATE_NAMESPACE is "${namespace}", which is not the name of a namespace. The Helm chart sets it.`,
    )
  const brokerUrl = required('FROSTGATE_BROKER_URL', 'the address at which sidecars reach it')
  const origin = URL.parse(brokerUrl)?.origin
  // Port 443 is in no origin.
  if (origin !== brokerUrl.replace(/:443$/, '') || !brokerUrl.startsWith('https://'))
    throw new Error(`FROSTGATE_BROKER_URL is "${brokerUrl}". Write https://host:port, no path.`)
  return {
    namespace,
    podName: env['FROSTGATE_POD_NAME'] || `operator-${process.pid}`,
    connectionNamespaces: namespaces(env['FROSTGATE_CONNECTION_NAMESPACES'], namespace),
    sidecarImage: required('FROSTGATE_SIDECAR_IMAGE', 'the image of the sidecar'),
    sidecarPullPolicy: oneOf(
      pullPolicies,
      'FROSTGATE_SIDECAR_PULL_POLICY',
      env['FROSTGATE_SIDECAR_PULL_POLICY'] || 'IfNotPresent',
    ),
    sidecarResources: resources(env['FROSTGATE_SIDECAR_RESOURCES']),
    brokerUrl,
    release: releaseName(env['FROSTGATE_RELEASE'] || 'frostgate'),
    // Not called …_PORT: for a Service of such a name Kubernetes sets variables that end so.
    brokerPort: port(env, 'FROSTGATE_LISTEN_BROKER', 8443),
    webhookPort: port(env, 'FROSTGATE_LISTEN_WEBHOOK', 9443),
    healthPort: port(env, 'FROSTGATE_LISTEN_HEALTH', 9085),
    recordingFolder: env['FROSTGATE_RECORDING_DIR'] || undefined,
    recordingTotal: volumeShare(env['FROSTGATE_RECORDING_SIZE'] || '2Gi'),
    recordingKeepMs: hours(env['FROSTGATE_RECORDING_KEEP_HOURS'] || '720') * 3_600_000,
    approvalsKeepMs: days(env['FROSTGATE_APPROVALS_KEEP_DAYS'] || '7') * 86_400_000,
    pagePort: port(env, 'FROSTGATE_LISTEN_PAGE', 8444),
    pageFile: env['FROSTGATE_PAGE_FILE'] || undefined,
    pageTlsFolder: env['FROSTGATE_PAGE_TLS'] || undefined,
    notifyFile: env['FROSTGATE_NOTIFY_FILE'] || undefined,
    logLevel: oneOf(logLevels, 'FROSTGATE_LOG_LEVEL', env['FROSTGATE_LOG_LEVEL'] || 'info'),
  }
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

function releaseName(value: string): string {
  if (name.test(value)) return value
  throw new Error(`FROSTGATE_RELEASE is "${value}". Write the release's name: a-z, 0-9 and "-".`)
}

function oneOf<T extends string>(allowed: readonly T[], variable: string, value: string): T {
  const found = allowed.find((each) => each === value)
  if (found !== undefined) return found
  throw new Error(`${variable} is "${value}". Write one of ${allowed.join(', ')}.`)
}

function namespaces(value: string | undefined, own: string): readonly string[] {
  const given = (value ?? '').split(',').map((each) => each.trim())
  const all = given.filter((each) => each !== '')
  const wrong = all.find((each) => !name.test(each))
  if (wrong !== undefined)
    throw new Error(
      `FROSTGATE_CONNECTION_NAMESPACES names "${wrong}", which is not the name of a namespace. Write names separated by commas.`,
    )
  return all.length === 0 ? [own] : [...new Set(all)]
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never'] as const

function port(
  env: Readonly<Record<string, string | undefined>>,
  variable: string,
  otherwise: number,
): number {
  const value = env[variable]
  if (value === undefined || value === '') return otherwise
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  throw new Error(`${variable} is "${value}". Write a port, 0 to 65535.`)
}

/**
 * Nine tenths of a volume: the kubelet ends a pod whose emptyDir grows beyond its limit, and this
 * replica's count may be a minute old.
 */
function volumeShare(value: string): number {
  const bytes = (parseQuantity(value) ?? 0n) / 1000n
  if (bytes > 0n) return Number((bytes * 9n) / 10n)
  throw new Error(`FROSTGATE_RECORDING_SIZE is "${value}". Write a quantity such as 2Gi.`)
}

function hours(value: string): number {
  if (/^\d{1,6}$/.test(value) && Number(value) > 0) return Number(value)
  throw new Error(`FROSTGATE_RECORDING_KEEP_HOURS is "${value}". Write hours, 1 to 999999.`)
}

function days(value: string): number {
  if (/^\d{1,4}$/.test(value) && Number(value) > 0) return Number(value)
  throw new Error(`FROSTGATE_APPROVALS_KEEP_DAYS is "${value}". Write days, 1 to 9999.`)
}

/** As in a pod: `{"requests":{"cpu","memory"},"limits":{"cpu","memory"}}`; limits.cpu may be left out. */
function resources(json: string | undefined): SidecarResources {
  if (json === undefined || json === '') return defaultResources
  const wrong = (why: string) =>
    new Error(
      `FROSTGATE_SIDECAR_RESOURCES ${why}. Write {"requests":{"cpu":"20m","memory":"128Mi"},"limits":{"memory":"384Mi"}}.`,
    )
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw wrong('is not JSON')
  }
  const quantity = (kind: string, field: string): string | undefined => {
    const group = (value as Readonly<Record<string, unknown>> | null)?.[kind]
    const text = (group as Readonly<Record<string, unknown>> | null | undefined)?.[field]
    return typeof text === 'string' && text !== '' ? text : undefined
  }
  const cpu = quantity('requests', 'cpu')
  const memory = quantity('requests', 'memory')
  const limit = quantity('limits', 'memory')
  const cpuLimit = quantity('limits', 'cpu')
  if (cpu === undefined || memory === undefined || limit === undefined)
    throw wrong('lacks requests.cpu, requests.memory or limits.memory')
  const odd = [cpu, memory, limit, cpuLimit ?? '1'].find((each) => !parseQuantity(each))
  if (odd !== undefined) throw wrong(`has "${odd}", which is no quantity above 0`)
  return { requests: { cpu, memory }, limits: { cpu: cpuLimit, memory: limit } }
}
