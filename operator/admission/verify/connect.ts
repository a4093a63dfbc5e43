/** Who may enter a running pod. */

import { proxyContainer, type InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'

/**
 * Of `pods/exec` and `pods/attach`. Without a container Kubernetes takes the only one of
 * `spec.containers`, which the sidecar never is; `kubectl`'s default-container is sent by name.
 *
 * `pods/portforward` and `pods/proxy` are free: they reach 8085, where a login needs a token that
 * is bound to this pod as it does within it, and 9085, which holds no secret. The ports are not in
 * the request either.
 */
export function verifyConnect(
  options: { readonly container?: string | undefined },
  subresource: string,
): readonly InjectionRefusal[] {
  return options.container === proxyContainer && ['exec', 'attach'].includes(subresource)
    ? [refuse('SidecarEntered', 'container', `pods/${subresource} would enter ${proxyContainer}`)]
    : []
}
