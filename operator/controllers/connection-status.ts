/** What became of a SnowflakeConnection. */

import type { Suspension } from '../../sidecar/control/bundle.ts'
import type { CompiledConnection } from '../compile/compile-all.ts'
import { suspendedNames } from '../compile/suspension.ts'
import type { ConfigObjects } from '../store/objects.ts'
import { describeObject } from '../store/objects.ts'
import type { Aspect } from './conditions.ts'
import { stalled } from './conditions.ts'
import { credentialProblem, maskKeyProblems } from './secret-problems.ts'
import { sentencesOf } from './sentences.ts'

/** What the broker knows of a connection's sidecars. */
export interface SidecarCounts {
  readonly connected: number
  /** Of these, how many enforce the bundle in force. */
  readonly inSync: number
  /** Of these, how many could not take it; 0 where it is not given. */
  readonly refused?: number
  readonly lastError?: { readonly message: string; readonly time: string }
}

export const noSidecars: SidecarCounts = { connected: 0, inSync: 0 }

export function connectionAspects(
  compiled: CompiledConnection,
  objects: ConfigObjects,
  sidecars: SidecarCounts,
): readonly Aspect[] {
  const { connection, state, problems, warnings } = compiled
  const about = describeObject(connection)
  if ('closed' in state) {
    const why = sentencesOf(problems, about)
    return stalled(['Ready'], state.reason, why === '' ? state.closed : `${state.closed} ${why}`)
  }
  const { suspend } = state.bundle.connection
  const [refusal, rolling] = [refusalOf(sidecars), rollingOut(sidecars)]
  if (suspend?.all === true) {
    // Whoever stops everybody wants to know first of all whether that has reached them.
    const message = [suspendedSentence(suspend), refusal ?? ''].join(' ').trim()
    return [...stalled(['Ready'], 'Suspended', message), ...rolling]
  }
  const credential = credentialProblem(objects, connection)
  if (credential !== undefined) {
    return stalled(['Ready'], 'InvalidCredential', sentencesOf([credential], about))
  }
  const keys = maskKeyProblems(objects, state.bundle.masks)
  if (keys.length > 0) return stalled(['Ready'], 'InvalidMaskKey', sentencesOf(keys, about))
  if (refusal !== undefined) return stalled(['Ready'], 'BundleRefused', refusal)
  const said = sentencesOf(warnings, about)
  const open = said === '' ? 'Agents may log in as its policies say.' : `Open, but ${said}`
  return [
    {
      type: 'Ready',
      status: 'True',
      ...(suspend === undefined
        ? { reason: 'Open', message: open }
        : // The others go on: it is for them that the connection is ready.
          { reason: 'Suspended', message: `${suspendedSentence(suspend)} For others: ${open}` }),
    },
    ...rolling,
  ]
}

function suspendedSentence(suspend: Suspension): string {
  const why = suspend.reason?.trim().replace(/\.+$/, '') ?? 'no reason was given'
  return `Suspended: ${suspendedNames(suspend)} (${why}). Take spec.suspend away to lift that.`
}

/** Fields of the status beside the conditions. */
export function connectionFacts(
  { connection, state }: CompiledConnection,
  { connected, inSync, lastError }: SidecarCounts,
): Readonly<Record<string, unknown>> {
  const [auth] = Object.keys(connection.spec.credential)
  return {
    ...(auth === undefined ? {} : { auth }),
    ...('bundle' in state ? { bundle: state.bundle.digest } : {}),
    sidecars: { connected, inSync },
    ...(lastError === undefined ? {} : { lastError }),
  }
}

/** What sidecars that could not take the bundle mean for what is in it; undefined if all could. */
export function refusalOf({
  connected,
  refused = 0,
  lastError,
}: SidecarCounts): string | undefined {
  if (refused === 0) return undefined
  const why = lastError === undefined ? '' : ` The last: ${lastError.message}.`
  return (
    `${refused} of ${connected} sidecars could not take the latest bundle. ` +
    `They enforce the one before until it is older than maxStale, and then let nothing through.${why} ` +
    'If they are of an older version, restart their pods.'
  )
}

export function rollingOut({ connected, inSync }: SidecarCounts): readonly Aspect[] {
  if (inSync >= connected) return []
  const message = 'Some sidecars do not enforce the latest bundle yet; see status.sidecars.'
  return [{ type: 'Reconciling', status: 'True', reason: 'RollingOut', message }]
}
