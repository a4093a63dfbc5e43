/**
 * The kill switch: whom the connection's `suspend` stops. A bundle counts here from the moment it is
 * known, and not only once it is applied: a full disk must not keep anybody running.
 */

import type { Bundle, Suspension } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'

export type Identity = Pick<Principal, 'provider' | 'subject'>

/** Why somebody is stopped. */
export interface Suspended {
  readonly error: FrostgateError
  /** Part of a sentence, for whoever comes back with a session that was ended. */
  readonly because: string
}

interface Coming {
  readonly turn: number
  readonly bundle: Bundle
}

export class Suspensions {
  /** Known, and neither applied nor replaced yet. */
  #coming: readonly Coming[] = []
  #turn = 0

  /** Whoever it suspends is stopped from now on, also if it can never be applied. */
  expect(bundle: Bundle): number {
    this.#turn += 1
    if (bundle.connection.suspend !== undefined) {
      this.#coming = [...this.#coming, { turn: this.#turn, bundle }]
    }
    return this.#turn
  }

  /** What was expected in this turn is in force: beside it, nothing that came earlier counts. */
  settle(turn: number): void {
    this.#coming = this.#coming.filter((each) => each.turn > turn)
  }

  /** Undefined for an identity that is not stopped. */
  of(identity: Identity, inForce: Bundle): Suspended | undefined {
    for (const { connection } of this.#all(inForce)) {
      const { suspend, name } = connection
      if (suspend?.all === true) return everybody(name, suspend)
      if (suspend !== undefined && names(suspend, identity)) return one(name, suspend, identity)
    }
    return undefined
  }

  /** Undefined unless everybody is stopped. */
  ofAll(inForce: Bundle): Suspended | undefined {
    for (const { connection } of this.#all(inForce)) {
      const { suspend, name } = connection
      if (suspend?.all === true) return everybody(name, suspend)
    }
    return undefined
  }

  #all(inForce: Bundle): readonly Bundle[] {
    return [inForce, ...this.#coming.map(({ bundle }) => bundle)]
  }
}

/** Texts are compared as they are: a provider's subjects have no other spelling. */
function names({ principals }: Suspension, { provider, subject }: Identity): boolean {
  return principals.some((each) => each.provider === provider && each.subject === subject)
}

function everybody(connection: string, suspend: Suspension): Suspended {
  const reason = reasonOf(suspend)
  return {
    error: FrostgateError.of('ConnectionSuspended', { connection, reason }),
    because: `connection "${connection}" was suspended for everybody: ${reason}`,
  }
}

function one(connection: string, suspend: Suspension, { provider, subject }: Identity): Suspended {
  const reason = reasonOf(suspend)
  return {
    error: FrostgateError.of('PrincipalSuspended', { connection, provider, subject, reason }),
    because: `${subject} (provider ${provider}) was suspended: ${reason}`,
  }
}

function reasonOf({ reason = 'no reason was given' }: Suspension): string {
  return reason.trim().replace(/\.+$/, '')
}
