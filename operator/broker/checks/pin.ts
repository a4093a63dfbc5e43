import { keyOf } from '../dependencies.ts'
import { BrokerError } from '../errors.ts'
import { podName, type Check } from '../evidence.ts'

/**
 * The key is the one that the pod enrolled with first. Whoever comes second is refused and reported,
 * and the first goes on: otherwise any container of the pod could end the sidecar's sessions.
 */
export const pin: Check = {
  name: 'pin',
  check: async (evidence, { pins, alert }) => {
    const identity = evidence.get('identity')
    const { thumbprint } = evidence.get('proof')
    const { holder, isNew } = await pins.claim(identity, thumbprint).catch((cause: unknown) => {
      throw BrokerError.of('ApiUnavailable', { what: 'the pin of the pod' }, { cause })
    })
    if (isNew) {
      const connection = keyOf(evidence.get('reference'))
      alert({ reason: 'SidecarEnrolled', pod: identity, connection })
    }
    if (holder === thumbprint) return
    const error = BrokerError.of('SecondEnrolment', { pod: podName(identity) })
    alert({ reason: 'SecondEnrolment', pod: identity, message: error.message })
    throw error
  },
}
