/**
 * Pods that may not go on although their access token still holds: those that were deleted. Deleting
 * a pod is how a person takes back what one sidecar has; deleting the connection, or taking the
 * namespace from its `allowedNamespaces`, takes it from all. Every replica sees either.
 */

/** Its last access token has ended by then, and a pod that is gone cannot enrol again. */
const forgetAfterMs = 15 * 60_000

export class Revocations {
  readonly #now: () => number
  /** When each was seen to be gone, by UID. */
  readonly #gone = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  podGone(uid: string): void {
    const at = this.#now()
    for (const [known, seen] of this.#gone) {
      if (seen + forgetAfterMs < at) this.#gone.delete(known)
    }
    this.#gone.set(uid, at)
  }

  /** Why the pod may not go on; undefined if it may. */
  podReason(uid: string): string | undefined {
    return this.#gone.has(uid) ? 'it was deleted' : undefined
  }
}
