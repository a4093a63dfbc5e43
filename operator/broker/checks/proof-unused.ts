import { BrokerError } from '../errors.ts'
import type { Check } from '../evidence.ts'

/** The proof is new. Only after the token was accepted, or strangers could fill the memory of it. */
export const proofUnused: Check = {
  name: 'proofUnused',
  check: (evidence, _dependencies, { replay }) => {
    const { thumbprint, jti } = evidence.get('proof')
    const use = replay.use(thumbprint, jti)
    if (use === 'used') throw BrokerError.of('ProofReplayed', {})
    if (use === 'full') throw BrokerError.of('ProofsTooMany', {})
  },
}
