/** Who may ask for tokens of our audiences. */

import { agentAudience } from '../../../sidecar/control/protocol.ts'
import type { InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { isEnrolAudience } from '../refusals/volumes.ts'

/** `spec` of an authentication.k8s.io/v1 TokenRequest. */
export interface TokenRequestSpec {
  readonly audiences?: readonly string[] | undefined
  readonly boundObjectRef?: { readonly kind?: string | undefined } | undefined
}

/** The kubelet, which asks for what the pod's volumes say. Its pods passed admission. */
const nodes = 'system:node:'

/**
 * Enrolment is for nodes alone. An agent's token is accepted at login only if it is bound to the
 * very pod of the sidecar; one that is bound to none would work nowhere, so its author learns
 * that here.
 */
export function verifyTokenRequest(
  { audiences, boundObjectRef }: TokenRequestSpec,
  username: string,
): readonly InjectionRefusal[] {
  if (username.startsWith(nodes)) return []
  return (audiences ?? []).flatMap((audience, index) => {
    const field = `spec.audiences[${index}]`
    if (isEnrolAudience(audience))
      return [refuse('TokenRequest', field, 'tokens for enrolment are for nodes alone')]
    if (audience === agentAudience && boundObjectRef?.kind !== 'Pod')
      return [refuse('TokenRequest', field, `a token for ${agentAudience} must be bound to a pod`)]
    return []
  })
}
