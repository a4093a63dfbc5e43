import { annotations } from '../../admission/injection.ts'
import { BrokerError } from '../errors.ts'
import { podName, type Check } from '../evidence.ts'

/** The live pod is as this operator rendered it, which its seal proves. */
export const injectedSpec: Check = {
  name: 'injectedSpec',
  check: (evidence, { verifyPod }) => {
    const pod = evidence.get('pod')
    const refuse = (reason: string): BrokerError =>
      BrokerError.of('PodNotInjected', { pod: podName(evidence.get('identity')), reason })
    if ((pod.metadata?.annotations?.[annotations.injected] ?? '') === '') {
      throw refuse(`it has no annotation ${annotations.injected}`)
    }
    const [first] = verifyPod(pod, evidence.get('connection').connection)
    if (first !== undefined) throw refuse(`${first.reason} at ${first.field}: ${first.message}`)
  },
}
