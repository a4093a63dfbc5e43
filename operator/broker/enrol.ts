/** A sidecar's first call, and how it renews: the same checks each time. */

import type { Enrolment } from '../../sidecar/control/protocol.ts'
import { accessTokenLifetime, issueAccessToken, type Caller } from './access-token.ts'
import { enrolmentChecks } from './checks/index.ts'
import type { BrokerDependencies } from './dependencies.ts'
import { BrokerError } from './errors.ts'
import { Evidence, type BrokerState, type EnrolmentRequest } from './evidence.ts'

export interface Enrolled {
  readonly enrolment: Enrolment
  readonly caller: Caller
}

/** Called for each refusal, with the check that refused. */
export type OnRefused = (check: string, error: BrokerError, evidence: Evidence) => void

/** Refusals that mean that somebody tries what is not theirs, or must mend something. */
const worthAnAlert: ReadonlySet<string> = new Set([
  'TokenNotOfPod',
  'PodNotInjected',
  'ConnectionNotNamed',
  'NamespaceNotAllowed',
  'PodRevoked',
])

/** Errors: those of the checks. */
export async function enrol(
  request: EnrolmentRequest,
  dependencies: BrokerDependencies,
  state: BrokerState,
  onRefused: OnRefused,
): Promise<Enrolled> {
  const evidence = new Evidence(request)
  for (const { name, check } of enrolmentChecks) {
    try {
      await check(evidence, dependencies, state)
    } catch (error) {
      if (error instanceof BrokerError) {
        onRefused(name, error, evidence)
        const pod = evidence.peek('identity')
        if (pod !== undefined && worthAnAlert.has(error.entry)) {
          dependencies.alert({ reason: 'EnrolmentRefused', pod, message: error.message })
        }
      }
      throw error
    }
  }
  const bound = {
    pod: evidence.get('identity'),
    connection: evidence.get('reference'),
    thumbprint: evidence.get('proof').thumbprint,
  }
  const now = state.now()
  const issuedAt = Math.floor(now / 1000)
  return {
    caller: { ...bound, issuedAt, expiresAt: issuedAt + accessTokenLifetime },
    enrolment: {
      accessToken: await issueAccessToken(bound, dependencies.signingKeys(), now),
      tokenType: 'DPoP',
      expiresIn: accessTokenLifetime,
      pod: bound.pod,
      connection: bound.connection,
      trust: dependencies.trust(),
    },
  }
}
