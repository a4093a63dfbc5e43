/** `frostgate resume`: takes a suspension back. */

import { Command } from 'commander'

import type { CommandFactory } from '../command.ts'
import { whereAndHow } from '../suspend/options.ts'
import type { SuspendOptions } from '../suspend/run.ts'

const examples = `
Examples:
  frostgate resume acme --principal okta:agent-7
  frostgate resume acme
  frostgate resume --all

Sessions that were ended stay ended: agents log in again. Exit codes as those of frostgate suspend.`

export const resumeCommand: CommandFactory = (terminal) => {
  const command = new Command('resume')
    .summary('take back what frostgate suspend did')
    .description(
      'Lets principals use a connection again: those that are named, or everybody whom it suspends.',
    )
    .argument('[connection]', 'NAME or NAMESPACE/NAME')
    .option('--all', 'all connections')
    .option('--principal <provider:subject...>', 'only this one; may be given again')
  return whereAndHow(command)
    .addHelpText('after', examples)
    .action(async (connection: string | undefined, options: SuspendOptions) => {
      const { changeSuspension } = await import('../suspend/run.ts')
      const { resumed } = await import('../suspend/change.ts')
      const to =
        (principals: Parameters<typeof resumed>[1]) => (now: Parameters<typeof resumed>[0]) =>
          resumed(now, principals)
      await changeSuspension(connection, options, to, terminal)
    })
}
