import { BrokerError } from '../errors.ts'
import { podName, type Check } from '../evidence.ts'

/** The pod was not deleted a moment ago. Before the pin, so that a refused pod leaves none. */
export const notRevoked: Check = {
  name: 'notRevoked',
  check: (evidence, _dependencies, { revocations }) => {
    const identity = evidence.get('identity')
    const reason = revocations.podReason(identity.uid)
    if (reason === undefined) return
    throw BrokerError.of('PodRevoked', { pod: podName(identity), reason })
  },
}
