/** What enrolment asks, in this order: what costs least and tells a stranger least comes first. */

import type { Check } from '../evidence.ts'
import { connectionAllowed } from './connection-allowed.ts'
import { dpopProof } from './dpop-proof.ts'
import { injectedSpec } from './injected-spec.ts'
import { livePod } from './live-pod.ts'
import { notRevoked } from './not-revoked.ts'
import { pace } from './pace.ts'
import { pin } from './pin.ts'
import { proofUnused } from './proof-unused.ts'
import { tokenReview } from './token-review.ts'

export const enrolmentChecks: readonly Check[] = [
  dpopProof,
  tokenReview,
  proofUnused,
  pace,
  livePod,
  connectionAllowed,
  injectedSpec,
  notRevoked,
  pin,
]
