/** `frostgate approver`: the key that a person signs decisions with where there is no cluster. */

import { Command } from 'commander'

import type { PersonKey } from '../../operator/approvals/local/keys.ts'
import type { CommandFactory } from '../command.ts'
import { CliError, type Terminal } from '../output.ts'

interface Options {
  readonly name: string
  readonly group: readonly string[]
  readonly key?: string
  readonly json?: true
}

const more = `
The key is in --key, else in FROSTGATE_APPROVER_KEY, else in ~/.config/frostgate/approver.json.

Examples:
  frostgate approver init --name ann --group data-stewards > my-policies/approvers.yaml
  frostgate approver show --group data-stewards`

export const approverCommand: CommandFactory = (terminal) =>
  new Command('approver')
    .summary('make the key that approves without a cluster')
    .description(
      'In a cluster, its API server knows who approves. For "frostgate up" a person signs with a key of their own, and the ConfigMap frostgate-approvers of the folder says whose it is.',
    )
    .helpCommand(false)
    .addHelpText('after', more)
    .addCommand(init(terminal))
    .addCommand(show(terminal))

function init(terminal: Terminal): Command {
  return new Command('init')
    .summary('make a key, and print the entry for the folder of configuration')
    .requiredOption('--name <name>', 'your user name, as policies and recordings name you')
    .requiredOption('--group <name>', 'group you are in; may be given several times', collect)
    .option('--key <file>', 'where to write the key')
    .option('--json', 'print the entry as JSON')
    .action(async ({ name, group, key, json }: Options) => {
      const path = await pathOf(key, terminal)
      const made = await told(async () => {
        const { createPersonKey } = await import('../../operator/approvals/local/keys.ts')
        return await createPersonKey(path, name)
      })
      terminal.error(`The key of ${JSON.stringify(name)} is in ${path}. Keep it to yourself.`)
      await print(made, group, path, json === true, terminal)
    })
}

function show(terminal: Terminal): Command {
  return new Command('show')
    .summary('print the entry of the key that is there')
    .option('--group <name>', 'group you are in; may be given several times', collect, [])
    .option('--key <file>', 'where the key is')
    .option('--json', 'print the entry as JSON')
    .action(async ({ group, key, json }: Options) => {
      const path = await pathOf(key, terminal)
      const found = await told(async () => {
        const { readPersonKey } = await import('../../operator/approvals/local/keys.ts')
        return await readPersonKey(path)
      })
      await print(found, group, path, json === true, terminal)
    })
}

async function print(
  key: PersonKey,
  groups: readonly string[],
  path: string,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const { approverEntry, approversYaml } = await import('../../operator/approvals/local/entry.ts')
  const { username, publicKey } = key
  if (json) terminal.json({ key: path, username, groups, publicKey })
  else {
    terminal.out(approversYaml([approverEntry(username, groups, publicKey)]).trimEnd())
    terminal.error(
      'Whoever runs the gateway puts this into the folder of configuration, as approvers.yaml. If one is there, add the entry under its data.',
    )
  }
  terminal.exit(0)
}

async function pathOf(given: string | undefined, { environment }: Terminal): Promise<string> {
  const { approverKeyPath } = await import('../../operator/approvals/local/keys.ts')
  return given ?? approverKeyPath(environment)
}

/** What a key's file says against being one is for whoever typed. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error))
  }
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
