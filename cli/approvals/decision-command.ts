/** What `frostgate approve` and `frostgate deny` share: all but the verdict. */

import type { Command } from 'commander'

import { CliError, type Terminal } from '../output.ts'
import { withStatus } from '../progress.ts'
import type { Asking } from './confirm.ts'
import type { Patience } from './decide.ts'
import type { ApprovalRequest, ApprovalSource, SourceOptions, Verdict } from './source.ts'

export interface DecisionOptions extends SourceOptions {
  readonly reason?: string
  readonly digest?: string
  readonly yes?: true
  readonly json?: true
}

/** Lines of the statement that are shown before the question. */
const usualLines = 40

export function withSourceOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'as kubectl’s')
    .option('--context <name>', 'of the kubeconfig')
    .option('-n, --namespace <name>', 'of the request (default: "frostgate")')
    .option('--approvals <folder>', 'of frostgate up, instead of a cluster')
    .option('--key <file>', 'your key, to sign with where there is no cluster')
    .option('--digest <digest>', 'of what you reviewed: nothing else is decided')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print what became of it as JSON; needs --yes')
}

/** Shows the request, asks, decides, and tells what became of it. Errors: CliError. */
export async function decide(
  name: string,
  verdict: Verdict,
  options: DecisionOptions,
  terminal: Terminal,
  asking?: Asking,
  patience?: Patience,
): Promise<void> {
  const { yes, json, reason, digest, ...where } = options
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new CliError('--digest is "sha256:" and 64 hexadecimal digits, as frostgate pending NAME shows it.') // prettier-ignore
  }
  if (reason?.trim() === '') throw new CliError('--reason says nothing.')
  if (json && !yes) throw new CliError('--json does not ask: add --yes.')
  const { openSource } = await import('./source.ts')
  const source = await openSource(where, terminal)
  try {
    await decideIn(source, name, verdict, options, terminal, asking, patience)
  } finally {
    await source.close()
  }
}

async function decideIn(
  source: ApprovalSource,
  name: string,
  verdict: Verdict,
  { reason, digest, yes, json }: DecisionOptions,
  terminal: Terminal,
  asking: Asking | undefined,
  patience: Patience | undefined,
): Promise<void> {
  const { checkOpen, decideAndWait, readRequest, wordsOf, patience: usual } = await import('./decide.ts') // prettier-ignore
  const request = await readRequest(source, name)
  checkOpen(request, digest, Date.now())
  if (!json) for (const line of await shortly(request, terminal)) terminal.out(line)
  if (!yes && !(await agreed(verdict, source, asking))) {
    terminal.error('Nothing was decided.')
    terminal.exit(1)
    return
  }
  // Of what was shown: a request that takes its name meanwhile is another.
  const { statementDigest } = request.spec
  const outcome = await withStatus('Waiting for what becomes of it', terminal, () =>
    decideAndWait(source, { request, digest: statementDigest, verdict, reason }, patience ?? usual),
  )
  if (json) {
    const { decision, judged = null, request: last = null } = outcome
    terminal.json({ place: source.place, decision, judged, request: last })
  } else for (const line of wordsOf(outcome, verdict)) terminal.out(line)
  terminal.exit(outcome.judged?.counts === true ? 0 : 1)
}

async function shortly(request: ApprovalRequest, { marks }: Terminal): Promise<readonly string[]> {
  const { screenWidth } = await import('./layout.ts')
  const { renderShortly } = await import('./request.ts')
  const { columns } = process.stdout as { readonly columns?: number }
  const screen = { width: screenWidth(columns), marks }
  const shown = { ...screen, now: Date.now(), lines: usualLines, others: [] }
  return [...renderShortly(request, shown)]
}

/** Errors: CliError where nobody can be asked. */
async function agreed(
  verdict: Verdict,
  source: ApprovalSource,
  asking: Asking | undefined,
): Promise<boolean> {
  const { atTerminal, confirmed } = await import('./confirm.ts')
  const { oneLine } = await import('./layout.ts')
  const who = asking ?? atTerminal
  if (who.input.isTTY !== true) {
    throw new CliError('Nobody can be asked here, since this is no terminal. Add --yes (and --digest, to insist on what was reviewed).') // prettier-ignore
  }
  return confirmed(`${verdict} this, in ${oneLine(source.place)}?`, who)
}
