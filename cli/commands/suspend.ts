/** `frostgate suspend`: the kill switch, in a cluster. */

import { Command } from 'commander'

import type { CommandFactory } from '../command.ts'
import { CliError } from '../output.ts'
import { whereAndHow } from '../suspend/options.ts'
import type { SuspendOptions } from '../suspend/run.ts'

interface Options extends SuspendOptions {
  readonly reason: string
}

const examples = `
Examples:
  frostgate suspend acme --principal okta:agent-7 --reason "reads patients it was not asked for"
  frostgate suspend acme --reason "incident 4711"
  frostgate suspend --all --reason "incident 4711"

Running statements are cancelled at Snowflake, held ones withdrawn, sessions ended, logins refused.
The agent is told the reason. Without a cluster (frostgate up): write spec.suspend into the YAML and
send SIGHUP. It needs the right to patch snowflakeconnections. Exit code 0: all connected sidecars
acknowledged it; 1: not all in the time of --wait, or something was refused.`

export const suspendCommand: CommandFactory = (terminal) => {
  const command = new Command('suspend')
    .summary('stop a principal, a connection or everything')
    .description(
      'Stops who uses a connection: everybody, or the principals that are named. Waits until the sidecars acknowledge it.',
    )
    .argument('[connection]', 'NAME or NAMESPACE/NAME')
    .option('--all', 'all connections')
    .option(
      '--principal <provider:subject...>',
      'only this one, by the name of its identity provider and the "sub" of its token; may be given again',
    )
    .requiredOption('--reason <text>', 'why; the agent is told, and the recording keeps it')
  return whereAndHow(command)
    .addHelpText('after', examples)
    .action(async (connection: string | undefined, options: Options) => {
      const { changeSuspension } = await import('../suspend/run.ts')
      const { suspended } = await import('../suspend/change.ts')
      const reason = options.reason.trim()
      if (reason === '' || reason.length > 1_024) {
        throw new CliError('--reason takes 1 to 1024 characters: whoever is stopped is told why.')
      }
      const to =
        (principals: Parameters<typeof suspended>[1]) => (now: Parameters<typeof suspended>[0]) =>
          suspended(now, principals, reason)
      await changeSuspension(connection, options, to, terminal)
    })
}
