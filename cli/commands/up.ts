/** `frostgate up`: the gateway from a folder of YAML, on this machine. */

import { Command, InvalidArgumentError, Option } from 'commander'

import type { CommandFactory } from '../command.ts'
import { counted, type Terminal } from '../output.ts'
import { connectionSnippets } from '../up/snippets.ts'
import { withStatus } from '../progress.ts'
import type { Up, UpOptions } from '../up/start.ts'

interface Options {
  readonly port: number
  readonly issuerPort?: number
  readonly connection?: string
  readonly recording: string
  readonly approvals?: string
  readonly logLevel: UpOptions['logLevel']
  readonly json?: true
}

const examples = `
Examples:
  frostgate up examples/quickstart
  frostgate up my-policies --connection acme --recording acme.jsonl
  frostgate up examples/quickstart --port 0 --issuer-port 0 --json   # any free ports, for scripts`

export const upCommand: CommandFactory = (terminal) =>
  new Command('up')
    .summary('run the gateway from a folder of YAML')
    .description(
      'Reads SnowflakeConnection, AgentPolicy and MaskingRule (and a Secret with the key) from a folder, exactly as they would be applied to a cluster, and serves the gateway on 127.0.0.1. A connection marked as an embedded example also gets a warehouse and an OIDC issuer. SIGHUP reads the folder again. Ends on Ctrl-C.',
    )
    .argument('<dir>', 'folder of .yaml files')
    .option('--port <number>', 'port of the gateway; 0 for any free one', port, 8085)
    .option(
      '--issuer-port <number>',
      "port of the example's issuer, instead of the one the YAML names",
      port,
    )
    .option('--connection <name>', 'which SnowflakeConnection, where there are several')
    .option('--recording <file>', 'where to record', '.frostgate/recording.jsonl')
    .option(
      '--approvals <folder>',
      'where requests for approval are (default: beside the recording)',
    )
    .addOption(
      new Option('--log-level <level>', 'of the log on stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('warn'),
    )
    .option('--json', 'print the addresses as one JSON object')
    .addHelpText('after', examples)
    .action(async (directory: string, options: Options) => {
      const { port, issuerPort, connection, recording, approvals, logLevel } = options
      const onProblem = (message: string): void => {
        terminal.error(`warning: ${message}`)
      }
      // Loaded here: `verify` should not wait for a gateway to load, nor need one that does.
      const { startUp } = await import('../up/start.ts')
      const up = await withStatus('Starting', terminal, () =>
        startUp({
          directory,
          port,
          issuerPort,
          connection,
          recording,
          approvals,
          logLevel,
          onProblem,
        }),
      )
      // Before anybody is told: whoever reads the addresses may signal at once.
      const stopped = stopSignal()
      onHangUp(() => reload(up, terminal))
      if (options.json) terminal.json(addresses(up))
      else announce(up, await whoApproves(up, directory), terminal)
      await Promise.race([warnOfRules(up, terminal), stopped])
      const signal = await stopped
      await up.close(signal)
      if (!options.json) terminal.error(`Stopped (${signal}). The recording is ${up.recording}`)
      terminal.exit(0)
    })

/** The first login to Snowflake: a wrong key shows here, not at the first agent's. */
async function warnOfRules({ gateway }: Up, terminal: Terminal): Promise<void> {
  try {
    for (const { message } of await gateway.unmatchedRules()) terminal.error(`warning: ${message}`)
  } catch (error) {
    terminal.error(`warning: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** One at a time: a folder that is being written may be read twice. */
function onHangUp(work: () => Promise<void>): void {
  let last = Promise.resolve()
  process.on('SIGHUP', () => {
    last = last.then(work)
  })
}

/** Never rejects: a folder that cannot be used must not end a gateway that runs. */
async function reload(up: Up, terminal: Terminal): Promise<void> {
  try {
    const { bundle, changes, sessions } = await up.reload()
    const what = changes.length === 0 ? 'nothing changed' : changes.join('; ')
    terminal.error(
      `Read again: ${what}. Bundle ${bundle.digest} is in force; ${counted(sessions.kept, 'session')} went on, ${sessions.ended} ended.`,
    )
  } catch (error) {
    terminal.error(`Not applied: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Only once all has started: before that a Ctrl-C ends the process, whatever hangs. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
}

function addresses({ bundle, gateway, embedded, recording, approvals }: Up) {
  return {
    connection: bundle.connection.name,
    bundle: bundle.digest,
    gateway: gateway.url,
    issuer: embedded?.issuer.url ?? null,
    warehouse: embedded?.warehouse.url ?? null,
    recording,
    approvals,
  }
}

/** At the start, not when the first statement has waited in vain. */
async function whoApproves({ bundle, approvals }: Up, directory: string): Promise<string> {
  const { approverProblem } = await import('../up/approvals.ts')
  const problem = await approverProblem(bundle, directory)
  return problem ?? `frostgate pending --approvals ${approvals}, then approve or deny`
}

function announce(up: Up, approvers: string, terminal: Terminal): void {
  const { marks } = terminal
  const out = (line: string): void => {
    terminal.out(line)
  }
  const { gateway, issuer, recording, approvals } = addresses(up)
  out(marks.strong(`Frostgate serves connection "${up.bundle.connection.name}"`))
  out(`  gateway    ${gateway}`)
  if (issuer !== null)
    out(`  issuer     ${issuer}   (for trying only: it gives a token to whoever asks)`)
  out(`  recording  ${recording}`)
  out(`  approvals  ${approvals}   (${approvers})`)
  out('')
  for (const line of connectionSnippets(up.bundle, gateway, issuer)) out(line)
  out(marks.faint('Ctrl-C stops it.'))
}

function port(value: string): number {
  const number = Number(value)
  if (/^\d{1,5}$/.test(value) && number <= 65_535) return number
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}
