/** The material in its Secret: made once by whoever is first, mended, and moved on by the leader. */

import type { Material } from './material.ts'
import {
  isOfLaterVersion,
  makeGeneration,
  makeMaterial,
  readMaterial,
  writeMaterial,
} from './material.ts'
import { nextStep, withGeneration, type RotationTimes } from './rotation.ts'
import type { SecretAccess, StoredSecret } from './secret-access.ts'

export interface SharedMaterialOptions {
  readonly secret: SecretAccess
  readonly isLeader: () => boolean
  readonly times: RotationTimes
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly report: (report: CertificateReport) => void
}

export type CertificateReport =
  /** There was no Secret: the first start, or somebody deleted it. */
  | { readonly event: 'SecretCreated'; readonly fromMemory: boolean }
  /** It could not be read, and this replica knew what it had held. */
  | { readonly event: 'SecretReplaced' }
  | { readonly event: 'AuthorityAdded' | 'AuthorityMoved' }
  | { readonly event: 'CheckFailed'; readonly error: unknown }

/** Replicas that collide take turns; more than that is a fault. */
const attempts = 8

/**
 * The Secret is there, and nobody here can tell what is in it. A new one would take the seal from every
 * pod that runs, for good: that is for a person to decide.
 */
export class KeysUnreadable extends Error {
  override readonly name = 'KeysUnreadable'

  constructor(isLater: boolean) {
    super(
      isLater
        ? 'the Secret of keys was written by a later version of the operator. Run that version, or restore the Secret from before the upgrade'
        : 'the Secret of keys cannot be read, and is left as it is. Restore it from a backup; or delete it to start with new keys, and then delete every injected pod, as no pod of before is let in again',
    )
  }
}

/**
 * What the Secret holds after everything that was due. `held` is what this replica knows already:
 * a Secret that was lost is written again from it, so that nobody's trust is broken.
 * Rejects if the API server cannot be asked, or with KeysUnreadable: then nothing new is made.
 */
export async function agree(
  held: Material | undefined,
  options: SharedMaterialOptions,
): Promise<Material> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await options.secret.get()
    const written = stored === undefined ? undefined : readMaterial(stored.data)
    if (stored === undefined || written === undefined) {
      await restore(held, stored, options)
      continue
    }
    if (!options.isLeader()) return written
    const step = await due(written, options)
    if (step === undefined) return written
    const { data, event } = step
    const result = await options.secret.update(data, stored.resourceVersion)
    if (result === 'written') options.report({ event })
  }
  throw new Error(`the Secret of certificates changed ${attempts} times while it was being written`)
}

/** Read again afterwards, also if it was written: what counts is what is stored. */
async function restore(
  held: Material | undefined,
  stored: StoredSecret | undefined,
  { secret, times, now, report }: SharedMaterialOptions,
): Promise<void> {
  if (stored !== undefined && (held === undefined || isOfLaterVersion(stored.data)))
    throw new KeysUnreadable(isOfLaterVersion(stored.data))
  const data = writeMaterial(held ?? (await makeMaterial(now(), times.authorityMs)))
  const fromMemory = held !== undefined
  if (stored === undefined) {
    if ((await secret.create(data)) === 'written') report({ event: 'SecretCreated', fromMemory })
    return
  }
  const result = await secret.update(data, stored.resourceVersion)
  if (result === 'written') report({ event: 'SecretReplaced' })
}

async function due(
  material: Material,
  { times, now }: SharedMaterialOptions,
): Promise<
  | {
      readonly data: StoredSecret['data']
      readonly event: 'AuthorityAdded' | 'AuthorityMoved'
    }
  | undefined
> {
  const at = now()
  const step = nextStep(material, at, times)
  if (step.kind === 'none') return undefined
  if (step.kind === 'write') return { data: writeMaterial(step.material), event: 'AuthorityMoved' }
  const made = await makeGeneration(step.state, at, times.authorityMs)
  return { data: writeMaterial(withGeneration(material, made, at)), event: 'AuthorityAdded' }
}
