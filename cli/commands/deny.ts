/** `frostgate deny`: a person says no to a statement. */

import { Command } from 'commander'

import { decide, withSourceOptions, type DecisionOptions } from '../approvals/decision-command.ts'
import type { CommandFactory } from '../command.ts'

const examples = `
Examples:
  frostgate deny 6f1c0e2a9b7d4c53 --reason 'Use the monthly totals in ANALYTICS instead'

One denial ends a request, whoever has approved it. The agent is told the reason: say what it should
do instead. Exit code 0: the decision counts; 1: it was refused, or does not count.`

export const denyCommand: CommandFactory = (terminal) =>
  withSourceOptions(
    new Command('deny')
      .summary('deny a statement that waits')
      .description(
        'Shows the request, asks, and makes an ApprovalDecision in your name. Then tells whether it counts.',
      )
      .argument('<name>', 'of the request, as frostgate pending lists it')
      .requiredOption('--reason <text>', 'why; it is recorded, and the agent is told'),
  )
    .addHelpText('after', examples)
    .action((name: string, options: DecisionOptions) => decide(name, 'Deny', options, terminal))
