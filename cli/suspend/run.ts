/** What `frostgate suspend` and `frostgate resume` do alike. */

import { statSync } from 'node:fs'

import type { AccessOptions } from '../cluster/api.ts'
import { CliError, counted, type Terminal } from '../output.ts'
import { visibleText } from '../../sidecar/statement/visible-text.ts'
import { describe, principalOf, type Stopped, type SuspendField } from './change.ts'
import { change, connectionsOf, type Found, type Outcome } from './connections.ts'

export interface SuspendOptions extends AccessOptions {
  readonly all?: true
  readonly principal?: readonly string[]
  readonly namespace?: string
  readonly wait: string
  readonly json?: true
}

/** `to` gives what the field becomes, for these principals. Errors: CliError. */
export async function changeSuspension(
  connection: string | undefined,
  options: SuspendOptions,
  to: (principals: readonly Stopped[]) => (now: SuspendField | undefined) => SuspendField | null,
  terminal: Terminal,
): Promise<void> {
  if ((connection === undefined) === (options.all === undefined)) {
    throw new CliError('Give one connection, or --all for all of them.')
  }
  refuseFolder(connection)
  const principals = (options.principal ?? []).map(principalOf)
  const waitMs = secondsOf(options.wait) * 1_000
  const { openApi } = await import('../cluster/api.ts')
  const api = await openApi(options)
  try {
    const found = await connectionsOf(api, connection, options.namespace)
    const able = found.filter((each) => unknownProviders(each, principals).length === 0)
    const [first] = found
    if (able.length === 0 && first !== undefined) throw unknownProvider(first, principals)
    const outcomes = await Promise.all(
      able.map((each) => change(api, each, to(principals), waitMs)),
    )
    const skipped = found.filter((each) => !able.includes(each))
    print(outcomes, skipped, options.json === true, terminal)
  } finally {
    await api.close()
  }
}

function print(
  outcomes: readonly Outcome[],
  skipped: readonly Found[],
  json: boolean,
  terminal: Terminal,
): void {
  const ok = outcomes.every((each) => 'done' in each && each.done)
  if (json) {
    const left = skipped.map(({ namespace, name }) => ({ namespace, name }))
    terminal.json({ ok, connections: outcomes, skipped: left })
  } else {
    for (const outcome of outcomes) terminal.out(lineOf(outcome))
    for (const { namespace, name } of skipped) {
      terminal.out(`${namespace}/${name}: left as it is; it has no such identity provider`)
    }
  }
  if (outcomes.some((each) => each.changed)) {
    terminal.error(
      'This changed the cluster only. If these objects come from Git, make the same change to spec.suspend there, or the next sync undoes it.',
    )
  }
  terminal.exit(ok ? 0 : 1)
}

function lineOf(outcome: Outcome): string {
  const { namespace, name, suspend, changed } = outcome
  const what = `${namespace}/${name}`
  if ('refused' in outcome)
    return `${what}: NOT CHANGED: ${visibleText(outcome.refused).replaceAll('\n', ' ')}`
  const state = visibleText(describe(suspend)).replaceAll('\n', ' ')
  const already = changed ? '' : ' (as it was)'
  const { connected, inSync } = outcome.sidecars
  const reached =
    connected === 0 && outcome.done
      ? 'no sidecar is connected'
      : `${inSync} of ${counted(connected, 'connected sidecar')} ${connected === 1 ? 'acknowledges' : 'acknowledge'} it`
  const late = outcome.done
    ? ''
    : '. Not all within the time: frostgate status --watch goes on looking; what is not connected closes after maxStale'
  return `${what}: ${state}${already}; ${reached}${late}`
}

function unknownProviders(
  { providers }: Found,
  principals: readonly Stopped[],
): readonly Stopped[] {
  return principals.filter(({ provider }) => !providers.includes(provider))
}

/** Written, it would close the connection: nobody would know whom it is about. */
function unknownProvider(connection: Found, principals: readonly Stopped[]): CliError {
  const [unknown] = unknownProviders(connection, principals)
  const { name, providers } = connection
  return new CliError(
    `"${unknown?.provider ?? ''}" is no identity provider of SnowflakeConnection ${name}; it has ${providers.join(', ')}. Nothing was changed.`,
  )
}

function refuseFolder(connection: string | undefined): void {
  if (connection === undefined) return
  if (statSync(connection, { throwIfNoEntry: false })?.isDirectory() !== true) return
  throw new CliError(
    `${connection} is a folder, and these commands change a cluster. In a folder, write spec.suspend into the SnowflakeConnection's YAML, then send SIGHUP to frostgate up: it is in force at once. Take it out and send SIGHUP again to resume.`,
  )
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 0 && seconds <= 3_600) return seconds
  throw new CliError('--wait takes seconds, from 0 to 3600.')
}
