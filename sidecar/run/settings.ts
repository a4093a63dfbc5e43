/**
 * Settings of a sidecar: a table of environment variables, each with what it is and how it is read.
 * Keys and tokens come from files, never from the environment.
 */

interface Setting<T> {
  readonly what: string
  /** Left out: it must be set. */
  readonly otherwise?: T
  /** Throws with what it should be. */
  readonly read: (text: string) => T
}

type Table = Readonly<Record<string, Setting<unknown>>>
type Read<T extends Table> = { readonly [K in keyof T]: ReturnType<T[K]['read']> }

const text = (given: string): string => given
const optionalText = (given: string): string | undefined => given

function whole(from: number, to: number): (given: string) => number {
  return (given) => {
    const value = Number(given)
    if (/^\d+$/.test(given) && value >= from && value <= to) return value
    throw new Error(`a whole number from ${from} to ${to}`)
  }
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

function logLevel(given: string): (typeof logLevels)[number] {
  const found = logLevels.find((level) => level === given)
  if (found !== undefined) return found
  throw new Error(`one of ${logLevels.join(', ')}`)
}

function brokerUrl(given: string): string {
  const url = URL.parse(given)
  const bare = url?.protocol === 'https:' && url.pathname === '/' && url.search === ''
  if (url && bare && url.username === '' && url.hash === '') return url.origin
  throw new Error('an https URL without a path')
}

function connectionName(given: string): string {
  if (/^[a-z0-9-]{1,63}\/[a-z0-9.-]{1,253}$/.test(given)) return given
  throw new Error('namespace/name of a SnowflakeConnection')
}

const shared = {
  FROSTGATE_PORT: {
    what: 'port for clients, on 127.0.0.1',
    otherwise: 8085,
    read: whole(0, 65_535),
  },
  FROSTGATE_LOG_LEVEL: {
    what: 'least level that is logged',
    otherwise: 'info',
    read: logLevel,
  },
  FROSTGATE_DRAIN_SECONDS: {
    what: 'how long statements under way may take to end after SIGTERM',
    otherwise: 18,
    read: whole(0, 3_600),
  },
  FROSTGATE_STOP_SECONDS: {
    what: 'how long after SIGTERM the process ends whatever is still under way; ten more than FROSTGATE_DRAIN_SECONDS if it is not set',
    otherwise: undefined,
    read: whole(0, 3_700) as (given: string) => number | undefined,
  },
  FROSTGATE_RECORDING_LIMIT: {
    what: 'bytes of the recording and its results at most; from there on statements are refused as at a full disk',
    otherwise: undefined,
    read: whole(0, Number.MAX_SAFE_INTEGER) as (given: string) => number | undefined,
  },
} as const

/** With an operator, which FROSTGATE_BROKER_URL names: as Frostgate injects it. */
export const enrolledSettings = {
  ...shared,
  FROSTGATE_BROKER_URL: { what: "the operator's broker", read: brokerUrl },
  FROSTGATE_TRUST: { what: "the operator's CA certificates, PEM", read: text },
  FROSTGATE_CONNECTION: { what: 'SnowflakeConnection that governs', read: connectionName },
  FROSTGATE_TOKEN_FILE: {
    what: 'projected token to enrol with',
    otherwise: '/var/run/frostgate/token/token',
    read: text,
  },
  FROSTGATE_KEY_FOLDER: {
    what: 'memory volume for the key of this sidecar',
    otherwise: '/var/run/frostgate/key',
    read: text,
  },
  FROSTGATE_RECORDING: {
    what: 'file to record to',
    otherwise: '/var/lib/frostgate/recording.jsonl',
    read: text,
  },
  FROSTGATE_HEALTH_PORT: {
    what: 'port of probes and metrics, on all addresses',
    otherwise: 9085,
    read: whole(0, 65_535),
  },
} as const

/** Without one: a bundle from a file. */
export const staticSettings = {
  ...shared,
  FROSTGATE_BUNDLE: { what: 'file with the compiled bundle', read: text },
  FROSTGATE_PRIVATE_KEY_FILE: {
    what: "file with the connection's private key, PKCS#8 PEM",
    read: text,
  },
  FROSTGATE_RECORDING: { what: 'file to record to', read: text },
  FROSTGATE_MASK_KEYS: {
    what: 'folder with one file for each Secret that masks name, called as the Secret: 32 bytes or more',
    otherwise: undefined,
    read: optionalText,
  },
  FROSTGATE_HEALTH_PORT: {
    what: 'port of probes and metrics, on all addresses; none if it is not set',
    otherwise: undefined,
    read: whole(0, 65_535) as (given: string) => number | undefined,
  },
} as const

export type EnrolledSettings = Read<typeof enrolledSettings>
export type StaticSettings = Read<typeof staticSettings>
export type Environment = Readonly<Record<string, string | undefined>>

export class SettingsInvalid extends Error {
  override readonly name = 'SettingsInvalid'
}

/** Settings as `table` says. @throws SettingsInvalid with all that is wrong, and all there is. */
export function readSettings<T extends Table>(table: T, environment: Environment): Read<T> {
  const problems: string[] = []
  const values = Object.entries(table).map(([name, setting]) => {
    const given = environment[name]
    if (given === undefined || given === '') {
      if (!('otherwise' in setting)) problems.push(`${name} is not set`)
      return [name, setting.otherwise]
    }
    try {
      return [name, setting.read(given)]
    } catch (error) {
      problems.push(`${name} must be ${error instanceof Error ? error.message : ''}`)
      return [name, undefined]
    }
  })
  if (problems.length === 0) return Object.fromEntries(values) as Read<T>
  const all = Object.entries(table).map(([name, { what }]) => `  ${name}: ${what}`)
  throw new SettingsInvalid(`${problems.join('; ')}. Settings are:\n${all.join('\n')}`)
}
