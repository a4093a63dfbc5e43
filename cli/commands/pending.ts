/** `frostgate pending`: which statements wait for people, and all about one of them. */

import { setTimeout as delay } from 'node:timers/promises'

import { Command } from 'commander'

import type { ApprovalSource, SourceOptions } from '../approvals/source.ts'
import type { CommandFactory } from '../command.ts'
import { CliError, type Terminal } from '../output.ts'

interface Options extends SourceOptions {
  readonly watch?: true
  readonly full?: true
  readonly json?: true
}

const examples = `
Examples:
  frostgate pending --all-namespaces --watch
  frostgate pending 6f1c0e2a9b7d4c53 --full
  frostgate pending --approvals .frostgate/approvals --json | jq '.requests[].metadata.name'

Without options of a cluster, requests are those of .frostgate/approvals, where frostgate up keeps
them, if that folder is there; else those of the cluster that kubectl would ask.`

/** Milliseconds between two looks. */
const interval = 2_000
/** Lines of a statement that are shown without --full. */
const usualLines = 60

export const pendingCommand: CommandFactory = (terminal) =>
  new Command('pending')
    .summary('show statements that wait for approval')
    .description(
      'Lists the requests that wait for people. With a name: who wants it, the statement, what it reads and changes, what leaves masked, why people are asked, who has decided, and what differs from the last of its kind that was approved.',
    )
    .argument('[name]', 'request to show, in whatever phase it is')
    .option('--kubeconfig <file>', 'as kubectl’s')
    .option('--context <name>', 'of the kubeconfig')
    .option('-n, --namespace <name>', 'of the requests (default: "frostgate")')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--approvals <folder>', 'of frostgate up, instead of a cluster')
    .option('-w, --watch', 'go on, and print again after a change')
    .option('--full', 'all of the statement, however long it is')
    .option('--json', 'print the requests as JSON')
    .addHelpText('after', examples)
    .action(async (name: string | undefined, options: Options) => {
      const { watch, full, json, ...where } = options
      const { openSource } = await import('../approvals/source.ts')
      const source = await openSource(where, terminal)
      try {
        if (name !== undefined) {
          if (watch) throw new CliError('--watch is for the list: leave out the name.')
          await showOne(source, name, { full: full === true, json: json === true }, terminal)
        } else if (watch) await keepListing(source, where, json === true, terminal)
        else await list(source, where, json === true, terminal)
        terminal.exit(0)
      } finally {
        await source.close()
      }
    })

async function list(
  source: ApprovalSource,
  { allNamespaces }: SourceOptions,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const { openOf } = await import('../approvals/list.ts')
  const now = Date.now()
  const open = openOf(await source.requests(), now)
  if (json) terminal.json({ place: source.place, requests: open })
  else for (const line of await lines(source, open, allNamespaces === true, terminal)) terminal.out(line) // prettier-ignore
}

async function lines(
  source: ApprovalSource,
  open: Awaited<ReturnType<ApprovalSource['requests']>>,
  namespaces: boolean,
  { marks }: Terminal,
): Promise<readonly string[]> {
  const { oneLine, screenWidth } = await import('../approvals/layout.ts')
  const { renderList } = await import('../approvals/list.ts')
  const place = oneLine(source.place)
  if (open.length === 0) return [`Nothing waits for approval in ${place}.`]
  const { columns } = process.stdout as { readonly columns?: number }
  const width = columns === undefined ? 200 : screenWidth(columns)
  return [
    ...renderList(open, Date.now(), namespaces, { width, marks }),
    '',
    `In ${place}. All about one: frostgate pending NAME`,
  ]
}

async function showOne(
  source: ApprovalSource,
  name: string,
  { full, json }: { readonly full: boolean; readonly json: boolean },
  terminal: Terminal,
): Promise<void> {
  const { readRequest } = await import('../approvals/decide.ts')
  const request = await readRequest(source, name)
  // Without the right to list, there is just nothing to compare with.
  const others = await source.requests().catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error
    return []
  })
  const { lastOfItsKind } = await import('../approvals/last.ts')
  if (json) {
    const lastApproved = lastOfItsKind(request, others) ?? null
    terminal.json({ place: source.place, request, lastApproved })
    return
  }
  const { screenWidth } = await import('../approvals/layout.ts')
  const { renderRequest } = await import('../approvals/request.ts')
  const { columns } = process.stdout as { readonly columns?: number }
  const shown = { width: screenWidth(columns), marks: terminal.marks, now: Date.now(), others }
  for (const line of renderRequest(request, { ...shown, lines: full ? undefined : usualLines })) {
    terminal.out(line)
  }
}

const clear = '\u001b[H\u001b[2J'

/** Only a signal ends it; a keeper that is away for a moment is told and asked again. */
async function keepListing(
  source: ApprovalSource,
  where: SourceOptions,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const ended = new AbortController()
  const end = (): void => {
    ended.abort()
  }
  const { openOf } = await import('../approvals/list.ts')
  process.once('SIGINT', end).once('SIGTERM', end)
  let before: string | undefined
  try {
    while (!ended.signal.aborted) {
      try {
        const open = openOf(await source.requests(), Date.now())
        const now = JSON.stringify({ place: source.place, requests: open })
        const live = process.stdout.isTTY && !json
        // On a terminal times go on.
        if (live || now !== before) {
          const text = json ? [now] : await lines(source, open, where.allNamespaces === true, terminal) // prettier-ignore
          const lead = live ? clear : json ? '' : `${new Date().toISOString()}\n`
          terminal.out(`${lead}${text.join('\n')}`)
        }
        before = now
      } catch (error) {
        if (before === undefined) throw error
        terminal.error(error instanceof Error ? error.message : String(error))
      }
      await delay(interval, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  } finally {
    process.removeListener('SIGINT', end).removeListener('SIGTERM', end)
  }
}
