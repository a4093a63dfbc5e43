/** The folder read again while the gateway runs: applied as a whole, or not at all. */

import type { KeyObject } from 'node:crypto'

import { sameJson } from '../../sidecar/canonical-json.ts'
import type { Bundle, MaskKeys } from '../../sidecar/control/bundle.ts'
import type { Applied } from '../../sidecar/governor.ts'
import type { RunningGateway } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { CliError } from '../output.ts'
import type { FolderRead } from './read.ts'

export interface Reloaded {
  readonly bundle: Bundle
  /** One line for each object that is new, changed or gone. */
  readonly changes: readonly string[]
  /** Of the sessions that were open. */
  readonly sessions: Applied
}

/** What the gateway runs by. */
export interface InUse {
  readonly maskKeys: MaskKeys
  readonly privateKey: KeyObject | null
}

/**
 * Applies what was read to a gateway that runs by `used`. `point` is what an embedded example does
 * to a bundle. Errors: CliError, or RecordingUnavailable; then everything stays as it was.
 */
export async function applyFolder(
  gateway: RunningGateway,
  read: FolderRead,
  used: InUse,
  point: (bundle: Bundle) => Bundle,
): Promise<Reloaded> {
  if ((read.privateKey === null) !== (used.privateKey === null)) {
    throw new CliError('An embedded example cannot become another connection, nor one become it.')
  }
  const before = gateway.bundle
  const bundle = point(read.bundle)
  const { account, user } = bundle.connection
  const sessions = await gateway.apply(bundle, {
    ...(sameKeys(read.maskKeys, used.maskKeys) ? {} : { maskKeys: read.maskKeys }),
    ...(read.privateKey === null || sameSigner(read, used, before, bundle)
      ? {}
      : { signer: keyPairSigner({ account, user, privateKey: read.privateKey }) }),
  })
  return { bundle, changes: changesOf(before, bundle), sessions }
}

function sameSigner(read: FolderRead, used: InUse, before: Bundle, now: Bundle): boolean {
  const [one, other] = [before.connection, now.connection]
  const named = one.account === other.account && one.user === other.user
  return named && used.privateKey !== null && read.privateKey?.equals(used.privateKey) === true
}

function sameKeys(one: MaskKeys, other: MaskKeys): boolean {
  const spelt = (keys: MaskKeys): unknown =>
    [...keys].map(([name, key]) => `${name} ${Buffer.from(key).toString('hex')}`).sort()
  return sameJson(spelt(one), spelt(other))
}

function changesOf(before: Bundle, now: Bundle): readonly string[] {
  const kinds = [
    ['SnowflakeConnection', [before.connection], [now.connection]],
    ['AgentPolicy', before.policies, now.policies],
    ['MaskingRule', before.masks, now.masks],
  ] as const
  return kinds.flatMap(([kind, old, current]) => changesAmong(kind, old, current))
}

function changesAmong(
  kind: string,
  old: readonly { readonly name: string }[],
  current: readonly { readonly name: string }[],
): readonly string[] {
  const names = new Set([...old, ...current].map(({ name }) => name))
  return [...names].flatMap((name) => {
    const [was, is] = [old, current].map((all) => all.find((each) => each.name === name))
    if (was === undefined) return [`${kind} ${name} is new`]
    if (is === undefined) return [`${kind} ${name} is gone`]
    return sameJson(was, is) ? [] : [`${kind} ${name} changed`]
  })
}
