import { readProof } from '../dpop.ts'
import type { Check } from '../evidence.ts'

/** The caller holds the key that the access token will be bound to. */
export const dpopProof: Check = {
  name: 'dpopProof',
  check: async (evidence, _dependencies, { now }) => {
    const { method, url, proof } = evidence.request
    evidence.found({ proof: await readProof({ header: proof, method, url, now: now() }) })
  },
}
