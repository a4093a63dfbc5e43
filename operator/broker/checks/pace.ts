import { BrokerError } from '../errors.ts'
import { podName, type Check } from '../evidence.ts'

/** One pod does not make the operator ask the API server all day. */
export const pace: Check = {
  name: 'pace',
  check: (evidence, _dependencies, { enrolPerPod }) => {
    const identity = evidence.get('identity')
    const seconds = enrolPerPod.take(identity.uid)
    if (seconds === 0) return
    const who = `pod ${podName(identity)}`
    const details = { retryAfter: seconds }
    throw BrokerError.of('TooManyRequests', { route: 'enrol', who }, { details })
  },
}
