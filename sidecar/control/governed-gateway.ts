/** What the link to the operator asks of the gateway that it governs. */

import type { Bundle, MaskKeys } from './bundle.ts'
import type { PodIdentity } from './protocol.ts'

/** What goes with a bundle and may not be in it. */
export interface Grants {
  readonly maskKeys: MaskKeys
  /** Whose agent tokens count here. */
  readonly pod: PodIdentity
}

export interface GovernedGateway {
  /**
   * Runs by this bundle from now on, after `suspend` and `revoke` too. Throws if it cannot: then
   * what it did before stays as it was.
   */
  apply(bundle: Bundle, grants: Grants): Promise<void>
  /**
   * Whom the bundle's connection suspends is out from the call on, here and at Snowflake, also if the
   * bundle can never be applied. Before the first bundle there is nobody.
   */
  stopSuspended(bundle: Bundle): void
  /** Logins and statements are refused from the call on, with the reason; what runs may finish. */
  suspend(reason: string): Promise<void>
  /** Ends all sessions at once, here and at Snowflake; nothing goes through. */
  revoke(reason: string): Promise<void>
  /** One login to Snowflake, and the logout. Throws with the reason if that fails. */
  prove(): Promise<void>
}
