/** The command line: which commands there are, and what becomes of what they throw. */

import { Command, CommanderError } from 'commander'

import { version } from '../sidecar/version.ts'
import type { CommandFactory } from './command.ts'
import { approverCommand } from './commands/approver.ts'
import { approveCommand } from './commands/approve.ts'
import { demoCommand } from './commands/demo.ts'
import { denyCommand } from './commands/deny.ts'
import { doctorCommand } from './commands/doctor.ts'
import { explainCommand } from './commands/explain.ts'
import { factsCommand } from './commands/facts.ts'
import { injectCommand } from './commands/inject.ts'
import { lintCommand } from './commands/lint.ts'
import { pendingCommand } from './commands/pending.ts'
import { replayCommand } from './commands/replay.ts'
import { resumeCommand } from './commands/resume.ts'
import { statusCommand } from './commands/status.ts'
import { suspendCommand } from './commands/suspend.ts'
import { testCommand } from './commands/test.ts'
import { tokenCommand } from './commands/token.ts'
import { upCommand } from './commands/up.ts'
import { verifyCommand } from './commands/verify.ts'
import { whyCommand } from './commands/why.ts'
import { CliError, type Terminal } from './output.ts'

/** In the order of `frostgate --help`. */
const commands: readonly CommandFactory[] = [
  demoCommand,
  upCommand,
  tokenCommand,
  verifyCommand,
  replayCommand,
  whyCommand,
  explainCommand,
  testCommand,
  lintCommand,
  factsCommand,
  injectCommand,
  pendingCommand,
  approveCommand,
  denyCommand,
  doctorCommand,
  statusCommand,
  suspendCommand,
  resumeCommand,
  approverCommand,
]

const footer = `
Exit codes: 0 as it should be; 1 a check failed or something was refused; 2 usage or environment.
Each command takes --json, and says more with --help.`

/** Runs the command that `words` (argv without node and script) name. Never throws. */
export async function run(words: readonly string[], terminal: Terminal): Promise<void> {
  const program = new Command('frostgate')
    .description('The gateway through which AI agents and CI jobs use Snowflake.')
    .version(version)
    .helpCommand(false)
    .addHelpText('after', footer)
  for (const make of commands) program.addCommand(make(terminal))
  const nested = program.commands.flatMap((command) => command.commands)
  for (const command of [program, ...program.commands, ...nested]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd())
      },
      writeErr: (text) => {
        terminal.error(text.trimEnd())
      },
    })
    command.showHelpAfterError('(add --help for usage and examples)')
  }
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    report(error, terminal)
  }
}

function report(error: unknown, terminal: Terminal): void {
  if (error instanceof CommanderError) {
    // Commander has printed it. Help and version that were asked for are no errors.
    terminal.exit(error.exitCode === 0 ? 0 : 2)
    return
  }
  const message = error instanceof Error ? error.message : String(error)
  terminal.error(`error: ${message}`)
  terminal.exit(error instanceof CliError ? error.exitCode : 2)
}
