/** `frostgate status`: what the operator says of each object, and how far its sidecars are. */

import { setTimeout as delay } from 'node:timers/promises'

import { Command } from 'commander'

import type { AccessOptions, OpenApi } from '../cluster/api.ts'
import type { CommandFactory } from '../command.ts'
import { refusalOf } from '../doctor/finding.ts'
import { CliError, type Terminal } from '../output.ts'
import type { StatusRow } from '../status/rows.ts'

interface Options extends AccessOptions {
  readonly namespace: string
  readonly allNamespaces?: true
  readonly watch?: true
  readonly json?: true
}

const examples = `
Examples:
  frostgate status --all-namespaces --watch
  frostgate status --json | jq '.objects[] | select(.ready != "True")'

Exit code 0: all ready; 1: something is not. --watch prints again after each change, until Ctrl-C;
with --json one line each.`

/** Milliseconds between two looks. */
const interval = 2_000

export const statusCommand: CommandFactory = (terminal) =>
  new Command('status')
    .summary('show connections, policies and masks in a cluster, and their sidecars')
    .description(
      'Shows whether each object is in force, the bundle and the sidecars of each connection, and what went wrong last.',
    )
    .option('--kubeconfig <file>', 'as kubectl’s')
    .option('--context <name>', 'of the kubeconfig')
    .option('-n, --namespace <name>', 'of the objects', 'frostgate')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-w, --watch', 'go on, and print again after a change')
    .option('--json', 'print the objects as JSON')
    .addHelpText('after', examples)
    .action(async ({ namespace, allNamespaces, watch, json, ...access }: Options) => {
      const { openApi } = await import('../cluster/api.ts')
      const api = await openApi(access)
      const where = allNamespaces ? undefined : namespace
      try {
        if (watch) await keepPrinting(api, where, json === true, terminal)
        else {
          const rows = await read(api, where)
          if (json) terminal.json(answer(rows))
          else for (const line of await lines(rows, where)) terminal.out(line)
          terminal.exit(answer(rows).ok ? 0 : 1)
        }
      } finally {
        await api.close()
      }
    })

const answer = (rows: readonly StatusRow[]) => ({
  ok: rows.every(({ ready }) => ready === 'True'),
  objects: rows,
})

async function lines(
  rows: readonly StatusRow[],
  namespace: string | undefined,
): Promise<readonly string[]> {
  const { renderStatus } = await import('../status/rows.ts')
  if (rows.length > 0) return renderStatus(rows)
  return namespace === undefined
    ? ['There is nothing of Frostgate’s in this cluster.']
    : [`There is nothing of Frostgate’s in namespace ${namespace}; --all-namespaces looks further.`]
}

/** Errors: CliError, for a cluster that cannot be asked or has no such kinds. */
async function read(api: OpenApi, namespace: string | undefined): Promise<readonly StatusRow[]> {
  const { rowOf, statusKinds } = await import('../status/rows.ts')
  const within = namespace === undefined ? '' : `namespaces/${namespace}/`
  try {
    const found = await Promise.all(
      statusKinds.map(async ([plural, kind]) => {
        const objects = await api.list(`/apis/frostgate.dev/v1alpha1/${within}${plural}`)
        return objects.map((object) => rowOf(kind, object))
      }),
    )
    return found.flat()
  } catch (error) {
    if (error instanceof CliError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new CliError(
      refusalOf(error)?.status === 404
        ? 'This cluster does not know Frostgate’s kinds. Install the chart; frostgate doctor says what is missing.'
        : `The cluster cannot be asked: ${message}`,
    )
  }
}

/** Only a signal ends it; a cluster that is away for a moment is told and asked again. */
async function keepPrinting(
  api: OpenApi,
  namespace: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const ended = new AbortController()
  const end = (): void => {
    ended.abort()
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  try {
    for (let before = ''; !ended.signal.aborted;) {
      try {
        const rows = await read(api, namespace)
        const now = JSON.stringify(answer(rows))
        if (now !== before) {
          const text = json ? [now] : [new Date().toISOString(), ...(await lines(rows, namespace)), ''] // prettier-ignore
          for (const line of text) terminal.out(line)
          before = now
        }
      } catch (error) {
        if (!api.answered) throw error
        terminal.error(error instanceof Error ? error.message : String(error))
      }
      await delay(interval, undefined, { signal: ended.signal }).catch(() => undefined)
    }
    terminal.exit(0)
  } finally {
    process.removeListener('SIGINT', end).removeListener('SIGTERM', end)
  }
}
