/** `frostgate lint`: what in a folder of policies is probably not meant so. */

import { Command } from 'commander'

import type { CommandFactory } from '../command.ts'
import { readConfiguration } from '../configuration.ts'

interface Options {
  readonly catalog?: string
  readonly connection?: string
  readonly strict?: true
  readonly json?: true
}

const examples = `
Examples:
  frostgate lint my-policies
  frostgate lint examples/quickstart --catalog examples/quickstart/tests/catalog.yaml
  frostgate lint my-policies --catalog catalog.yaml --strict --json | jq '.findings[].check'

Exit code 1 if there is an error, with --strict also if there is a warning. Suggestions are free.`

export const lintCommand: CommandFactory = (terminal) =>
  new Command('lint')
    .summary('find rules that cannot matter, match nothing, or seem to be missing')
    .description(
      'Looks for shadowed, unreachable and contradictory rules and for policies that contradict each other at login; with a catalogue also for patterns that match nothing, masks that do not fit their columns, and unmasked columns that look personal by name, type or tag. No values are read.',
    )
    .argument('<dir>', 'folder of .yaml files')
    .option('--catalog <file>', 'what is in Snowflake, as a catalogue file')
    .option('--connection <name>', 'which SnowflakeConnection, where there are several')
    .option('--strict', 'warnings too are exit code 1')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', examples)
    .action(async (directory: string, { catalog, connection, strict, json }: Options) => {
      const { bundle, objects } = await readConfiguration(directory, connection)
      const [{ lint }, { renderFindings }, { readCatalogFile }] = await Promise.all([
        import('../lint/lint.ts'),
        import('../lint/render.ts'),
        import('../catalog-file/read.ts'),
      ])
      const relations =
        catalog === undefined ? undefined : [...(await readCatalogFile(catalog)).values()]
      const findings = lint({ bundle, objects, relations })
      const bad = strict === true ? ['error', 'warning'] : ['error']
      const ok = !findings.some(({ severity }) => bad.includes(severity))
      if (json) terminal.json({ ok, catalog: catalog ?? null, findings })
      else {
        for (const line of renderFindings(findings, terminal.marks)) terminal.out(line)
        if (catalog === undefined)
          terminal.error('note: without --catalog, only the rules themselves are compared.')
      }
      terminal.exit(ok ? 0 : 1)
    })
