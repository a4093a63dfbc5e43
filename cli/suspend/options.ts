/** What `suspend` and `resume` both take: which cluster, how long to wait, in which form to answer. */

import type { Command } from 'commander'

export function whereAndHow(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'as kubectl’s')
    .option('--context <name>', 'of the kubeconfig')
    .option(
      '-n, --namespace <name>',
      'of the connection (default: frostgate; with --all, every one)',
    )
    .option('--wait <seconds>', 'for the sidecars', '10')
    .option('--json', 'print what became of each connection as JSON')
}
