/** What the broker refuses with. The sidecar logs it and shows it in `/startup` and `/ready`. */

import type { Refusal } from '../../sidecar/control/protocol.ts'

export interface BrokerEntry {
  /** HTTP status. */
  readonly status: number
  /** What happened and why. `{name}` marks a parameter. */
  readonly text: string
  /** What to do next. */
  readonly advice: string
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly transient: boolean
}

const refused = { status: 403, transient: false } as const
const unproven = { status: 401, transient: false } as const
const later = { status: 503, transient: true } as const

const newPod = 'Delete the pod, so that its controller makes a new one.'
const renew = 'Enrol again.'

export const brokerErrors = {
  RouteUnknown: {
    status: 404,
    transient: false,
    text: 'The broker has no {method} {path}.',
    advice: 'Run sidecars of the same version as the operator.',
  },
  RequestInvalid: {
    status: 400,
    transient: false,
    text: 'The request cannot be read: {reason}.',
    advice: 'Run sidecars of the same version as the operator.',
  },
  BodyTooLarge: {
    status: 413,
    transient: false,
    text: 'The body is larger than {limit} bytes.',
    advice: 'Send less at a time.',
  },
  TooManyRequests: {
    status: 429,
    transient: true,
    text: 'There were too many calls of {route} from {who}.',
    advice: 'Wait as long as Retry-After says.',
  },
  ProofMissing: {
    ...unproven,
    text: 'The call has no usable DPoP proof: {reason}.',
    advice: 'Send one ES256 proof in one DPoP header (RFC 9449).',
  },
  ProofInvalid: {
    ...unproven,
    text: 'The DPoP proof does not hold: {reason}.',
    advice: 'Make a new proof for each call, with the key that was enrolled.',
  },
  ProofTime: {
    ...unproven,
    transient: true,
    text: "The DPoP proof was made {seconds} s away from the broker's clock.",
    advice: 'Set the clock of the node by NTP; 60 s of difference are accepted.',
  },
  ProofReplayed: {
    ...unproven,
    text: 'The DPoP proof was used before.',
    advice: 'Make a new proof, with a new jti, for each call.',
  },
  ProofsTooMany: {
    ...later,
    text: 'The broker remembers as many proofs as it can.',
    advice: 'Try again in a minute.',
  },
  TokenNotAccepted: {
    ...unproven,
    text: 'The API server does not accept the token for this use: {reason}.',
    advice: 'Let Frostgate inject the sidecar, which mounts the right token.',
  },
  TokenNotOfPod: {
    ...refused,
    text: 'The token is not bound to a pod: {reason}.',
    advice: 'Use the projected token that Frostgate mounts into its sidecar.',
  },
  PodNotLive: {
    ...refused,
    text: 'Pod {pod} may not enrol: {reason}.',
    advice: 'A new pod enrols by itself.',
  },
  PodNotInjected: {
    ...refused,
    text: 'Pod {pod} is not as Frostgate injected it: {reason}.',
    advice: newPod,
  },
  ConnectionNotNamed: {
    ...refused,
    text: 'Pod {pod} names no connection.',
    advice: 'Set the annotation frostgate.dev/connection on the pod template.',
  },
  ConnectionUnknown: {
    status: 403,
    transient: true,
    text: 'There is no SnowflakeConnection {connection}.',
    advice: 'Create it, or name another in the annotation of the pod.',
  },
  NamespaceNotAllowed: {
    status: 403,
    transient: true,
    text: 'SnowflakeConnection {connection} is not for pods of namespace {namespace}.',
    advice: 'Add the namespace to spec.allowedNamespaces of the connection.',
  },
  SecondEnrolment: {
    ...refused,
    text: 'Pod {pod} is enrolled with another key.',
    advice: `Find out which container asked. If the sidecar has lost its key: ${newPod}`,
  },
  PodRevoked: {
    ...refused,
    text: 'Pod {pod} was revoked: {reason}.',
    advice: newPod,
  },
  AccessTokenInvalid: {
    ...unproven,
    text: 'The access token does not hold: {reason}.',
    advice: renew,
  },
  AccessTokenExpired: {
    ...unproven,
    transient: true,
    text: 'The access token has ended.',
    advice: renew,
  },
  ConnectionClosed: {
    status: 409,
    transient: true,
    text: 'SnowflakeConnection {connection} is closed: {reason}.',
    advice: 'Mend the objects that are named; kubectl describe shows each problem.',
  },
  ConnectionSuspended: {
    status: 409,
    transient: true,
    text: 'SnowflakeConnection {connection} is suspended for everybody: {reason}.',
    advice: 'It gets credentials again once spec.suspend is taken away.',
  },
  OperatorBlind: {
    ...later,
    text: 'This replica of the operator has not heard from the API server for minutes.',
    advice:
      'Another replica may have; else the log of the operator says which objects it cannot watch.',
  },
  CredentialUnusable: {
    status: 409,
    transient: true,
    text: 'The credential of SnowflakeConnection {connection} cannot be used: {reason}.',
    advice: 'Mend the Secret or ServiceAccount that spec.credential names.',
  },
  MaskKeysUnusable: {
    status: 409,
    transient: true,
    text: 'A key of the masks of SnowflakeConnection {connection} cannot be used: {reason}.',
    advice: 'Mend the Secret that the masking rule names.',
  },
  RecordingOff: {
    status: 404,
    transient: false,
    text: 'This operator keeps no recordings.',
    advice: 'Set a folder for them, or keep them in the pod.',
  },
  RecordingGap: {
    status: 409,
    transient: true,
    text: 'The recording has {length} bytes here, and the call goes on from {offset}.',
    advice: 'Send what comes after the length that is given.',
  },
  RecordingTooLong: {
    status: 413,
    transient: false,
    text: 'The recording of pod {pod} would be longer here than {limit} bytes.',
    advice:
      'What comes is kept in the pod alone, at /var/lib/frostgate, and is lost with it; the agent goes on. The recording of a new pod begins anew.',
  },
  RecordingDiskFull: {
    status: 507,
    transient: true,
    text: "The operator's recording volume takes no more: {reason}.",
    advice:
      'Make room in it, or raise recording.sizeLimit of the Helm chart. The sidecar keeps its copy and tries again.',
  },
  ApprovalsOff: {
    status: 404,
    transient: false,
    text: 'This operator asks nobody about statements.',
    advice: 'Run an operator of the same version as the sidecars.',
  },
  ApprovalRuleUnknown: {
    status: 409,
    transient: true,
    text: 'Rule {rule} of AgentPolicy {policy} asks for no approval for SnowflakeConnection {connection}.',
    advice:
      'It has changed a moment ago, perhaps; the sidecar takes the bundle in force and asks again.',
  },
  ApprovalUnknown: {
    status: 404,
    transient: false,
    text: 'There is no ApprovalRequest {request} of pod {pod}.',
    advice: 'Ask again: POST /v1/approvals.',
  },
  ApprovalNotNow: {
    ...later,
    text: 'The approval cannot be looked at now: {reason}.',
    advice: 'The sidecar tries again.',
  },
  ApprovalsTooMany: {
    status: 429,
    transient: true,
    text: 'Nobody can be asked now: {reason}.',
    advice: 'The sidecar tries again.',
  },
  ApiUnavailable: {
    ...later,
    text: 'The Kubernetes API could not be asked about {what}.',
    advice: 'Try again; the log of the operator holds the cause.',
  },
  InternalError: {
    status: 500,
    transient: true,
    text: 'The broker failed.',
    advice: 'Look for incident {incident} in the log of the operator.',
  },
} as const satisfies Readonly<Record<string, BrokerEntry>>

export type BrokerErrorName = keyof typeof brokerErrors

type Placeholders<S extends string> = S extends `${string}{${infer P}}${infer Rest}`
  ? P | Placeholders<Rest>
  : never

export type BrokerErrorParameters<N extends BrokerErrorName> = Readonly<
  Record<
    | Placeholders<(typeof brokerErrors)[N]['text']>
    | Placeholders<(typeof brokerErrors)[N]['advice']>,
    string | number
  >
>

/** A refusal. Its message holds no token, key or Secret, and may be logged and sent. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly entry: BrokerErrorName
  /** More members of the answer's body. */
  readonly details: Readonly<Record<string, unknown>>

  private constructor(
    entry: BrokerErrorName,
    message: string,
    options: { readonly cause?: unknown; readonly details?: BrokerError['details'] },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.entry = entry
    this.details = options.details ?? {}
  }

  static of<N extends BrokerErrorName>(
    entry: N,
    parameters: BrokerErrorParameters<N>,
    options: { readonly cause?: unknown; readonly details?: BrokerError['details'] } = {},
  ): BrokerError {
    const { text, advice } = brokerErrors[entry]
    return new BrokerError(entry, `${fill(text, parameters)} ${fill(advice, parameters)}`, options)
  }

  get status(): number {
    return brokerErrors[this.entry].status
  }

  get refusal(): Refusal {
    const { transient } = brokerErrors[this.entry]
    return { error: this.entry, message: this.message, transient }
  }
}

function fill(template: string, parameters: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => plain(parameters[name] ?? ''))
}

const longestParameter = 500

/** What a caller wrote must not move a terminal's cursor, nor fill a log. */
export function plain(value: string | number): string {
  return String(value)
    .slice(0, longestParameter)
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      '\u{fffd}',
    )
}
