import { enrolAudience, type PodIdentity } from '../../../sidecar/control/protocol.ts'
import type { TokenReviewStatus } from '../dependencies.ts'
import { BrokerError } from '../errors.ts'
import type { Check } from '../evidence.ts'

const longestToken = 16 * 1024
const serviceAccountName = /^system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})$/
const uidShape = /^[0-9A-Za-z-]{1,64}$/
const nameShape = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/** The API server vouches for the token, for this audience, and says which pod it was made for. */
export const tokenReview: Check = {
  name: 'tokenReview',
  check: async (evidence, { reviewToken, clusterUid }) => {
    const { token } = evidence.request
    if (token === '' || token.length > longestToken) {
      throw BrokerError.of('TokenNotAccepted', { reason: 'there is none, or it is too long' })
    }
    const audience = enrolAudience(clusterUid)
    const status = await reviewToken(token, audience).catch((cause: unknown) => {
      throw BrokerError.of('ApiUnavailable', { what: 'the token' }, { cause })
    })
    evidence.found({ identity: identityOf(status, audience) })
  },
}

function identityOf(status: TokenReviewStatus, audience: string): PodIdentity {
  if (status.authenticated !== true) {
    // What the API server says of it may quote the token.
    throw BrokerError.of('TokenNotAccepted', { reason: 'it is not valid, or not any more' })
  }
  // An authenticator that knows no audiences would accept a token for the API server itself.
  if (status.audiences?.includes(audience) !== true) {
    throw BrokerError.of('TokenNotAccepted', { reason: 'it is for another audience' })
  }
  const [, namespace, serviceAccount] = serviceAccountName.exec(status.user?.username ?? '') ?? []
  if (namespace === undefined || serviceAccount === undefined) {
    throw BrokerError.of('TokenNotOfPod', { reason: 'it is not of a ServiceAccount' })
  }
  const extra = (key: string, shape: RegExp): string => {
    const values = status.user?.extra?.[`authentication.kubernetes.io/${key}`] ?? []
    const [value = ''] = values
    if (values.length === 1 && shape.test(value)) return value
    throw BrokerError.of('TokenNotOfPod', { reason: `it says no ${key}` })
  }
  return {
    namespace,
    serviceAccount,
    name: extra('pod-name', nameShape),
    uid: extra('pod-uid', uidShape),
  }
}
