/** `frostgate approve`: a person lets a statement run. */

import { Command } from 'commander'

import { decide, withSourceOptions, type DecisionOptions } from '../approvals/decision-command.ts'
import type { CommandFactory } from '../command.ts'

const examples = `
Examples:
  frostgate approve 6f1c0e2a9b7d4c53 --reason 'Agreed with the study team'
  frostgate approve 6f1c0e2a9b7d4c53 --yes --digest sha256:6f1c…   # as reviewed, without asking

What is approved is the statement as the request shows it, and nothing else; columns that are masked
stay so. Exit code 0: the decision counts; 1: it was refused, or does not count.`

export const approveCommand: CommandFactory = (terminal) =>
  withSourceOptions(
    new Command('approve')
      .summary('approve a statement that waits')
      .description(
        'Shows the request, asks, and makes an ApprovalDecision in your name. Then tells whether it counts, how many more are needed, and what became of the statement.',
      )
      .argument('<name>', 'of the request, as frostgate pending lists it')
      .option('--reason <text>', 'why; it is recorded, and the agent is told'),
  )
    .addHelpText('after', examples)
    .action((name: string, options: DecisionOptions) => decide(name, 'Approve', options, terminal))
