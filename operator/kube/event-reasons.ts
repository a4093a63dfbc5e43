/** The Events that Frostgate records on objects: one sentence or two for each reason. */

export interface EventReason {
  readonly type: 'Normal' | 'Warning'
  /** `{name}` stands for a parameter. */
  readonly sentence: string
}

export const eventReasons = {
  Injected: {
    type: 'Normal',
    sentence: 'The Frostgate sidecar was added to a pod, for SnowflakeConnection {connection}.',
  },
  InjectionRefused: {
    type: 'Warning',
    sentence: 'A pod was refused: {message}',
  },
  SidecarEnrolled: {
    type: 'Normal',
    sentence:
      'The sidecar proved to belong to this pod and may use SnowflakeConnection {connection}.',
  },
  SecondEnrolment: {
    type: 'Warning',
    sentence:
      'Something in this pod other than its sidecar tried to enrol and got nothing. Find out which container holds a token of the enrolment audience. {message}',
  },
  EnrolmentRefused: {
    type: 'Warning',
    sentence: 'The sidecar was refused: {message}',
  },
  SidecarRevoked: {
    type: 'Warning',
    sentence: 'The sidecar lost its access, and its sessions were closed: {message}.',
  },
  ConnectionReady: {
    type: 'Normal',
    sentence:
      'Bundle {bundle} is in force for {policies} policies and {maskingRules} masking rules.',
  },
  ConnectionClosed: {
    type: 'Warning',
    sentence: 'No agent is let through until this is corrected: {message}',
  },
  ConnectionSuspended: {
    type: 'Warning',
    sentence: 'Sidecars end sessions and refuse logins. {message}',
  },
  ApprovalRequested: {
    type: 'Normal',
    sentence:
      'A statement waits for people until {expiresAt}: rule {rule} of AgentPolicy {policy} asks for {count}. kubectl get apr {request} shows it.',
  },
  ApprovalDecided: {
    type: 'Normal',
    sentence: 'ApprovalRequest {request} is {phase}. {message}',
  },
  CredentialRotated: {
    type: 'Normal',
    sentence:
      'The credential in Secret {secret} changed. Logins use the new one from now on; running sessions go on.',
  },
  CredentialInvalid: {
    type: 'Warning',
    sentence: 'The credential in Secret {secret} cannot be used: {message}. {advice}',
  },
  PolicyInvalid: {
    type: 'Warning',
    sentence: 'This is not in force: {message}',
  },
  CertificateRotated: {
    type: 'Normal',
    sentence:
      'The certificate authority of the webhooks and the broker was renewed and is valid until {notAfter}. The one before it stays trusted until nobody uses it any more.',
  },
  BundleRefused: {
    type: 'Warning',
    sentence:
      'The sidecar of pod {pod} could not take bundle {bundle}, and nothing goes through it once the one before is older than maxStale: {message}.',
  },
} as const satisfies Readonly<Record<string, EventReason>>

export type EventReasonName = keyof typeof eventReasons

type Placeholders<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

/** One value for each placeholder of the reason's sentence. */
export type EventParameters<R extends EventReasonName> = Readonly<
  Record<Placeholders<(typeof eventReasons)[R]['sentence']>, string | number>
>

/** core/v1 cuts nothing itself: it refuses a message that is longer. */
const mostCharacters = 1024

export function eventMessage(
  reason: EventReasonName,
  parameters: Readonly<Record<string, string | number>>,
): string {
  const text = eventReasons[reason].sentence.replace(/\{(\w+)\}/g, (_, name: string) =>
    // Parts of messages come from objects of others, and are shown on terminals.
    String(parameters[name] ?? '').replace(/[\p{Cc}\p{Cf}]+/gu, ' '),
  )
  const tidy = text.replace(/([.!?])\.(?=\s|$)/g, '$1').trim()
  return tidy.length > mostCharacters ? `${tidy.slice(0, mostCharacters - 1)}…` : tidy
}
