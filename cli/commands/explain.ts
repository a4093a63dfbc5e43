/** `frostgate explain`: what would happen to this statement of this identity, and why. */

import { text } from 'node:stream/consumers'

import { Command } from 'commander'

import type { CommandFactory } from '../command.ts'
import { readConfiguration, readText } from '../configuration.ts'
import { CliError, type Terminal } from '../output.ts'
import { withStatus } from '../progress.ts'
import { collect, claims } from '../explain/options.ts'
import type { Configuration } from '../configuration.ts'
import type { Principal } from '../../sidecar/identity/principal.ts'

interface Options {
  readonly as?: string
  readonly group: readonly string[]
  readonly claim: readonly string[]
  readonly token?: string
  readonly database?: string
  readonly schema?: string
  readonly role?: string
  readonly warehouse?: string
  readonly connection?: string
  readonly catalog?: string
  readonly live?: true
  readonly dumpCatalog?: true
  readonly json?: true
}

const examples = `
Examples:
  frostgate explain examples/quickstart --as local:agent-7 --group ai-coding-agents \\
      --catalog examples/quickstart/tests/catalog.yaml 'SELECT name, ssn FROM health.phi.patients'
  frostgate explain my-policies --as github:repo:acme/etl --claim repository=acme/etl - < query.sql
  frostgate explain examples/quickstart --live --dump-catalog > catalog.yaml

Nothing runs: the statement is judged by the functions that the gateway itself uses.
Exit code 0 if it would run, 1 if not or if a catalogue is needed to say, 2 for a mistake of usage.`

export const explainCommand: CommandFactory = (terminal) =>
  new Command('explain')
    .summary('show what would happen to a statement of an identity, and why')
    .description(
      'Judges one statement under a folder of policies: the decision, the rule behind each part, objects and columns, what would be masked and how, and the statement that would run.',
    )
    .argument('<dir>', 'folder of .yaml files')
    .argument('[sql]', 'the statement; - or nothing for standard input', '-')
    .option('--as <provider:subject>', 'whose statement it is')
    .option('--group <name>', 'group of the identity; may be given several times', collect, [])
    .option('--claim <name=value>', 'claim of its token; may be given several times', collect, [])
    .option('--token <file>', 'take the identity from an OIDC token; it is not verified')
    .option('--database <name>', 'where the session stands')
    .option('--schema <name>', 'where the session stands')
    .option('--role <name>', 'role that the driver asks for')
    .option('--warehouse <name>', 'warehouse that the driver asks for')
    .option('--connection <name>', 'which SnowflakeConnection, where there are several')
    .option('--catalog <file>', 'what is in Snowflake, as a catalogue file')
    .option('--live', 'ask the Snowflake of the connection instead (or the embedded example)')
    .option('--dump-catalog', 'with --live: print the catalogue as a file, and judge nothing')
    .option('--json', 'print the judgement as JSON')
    .addHelpText('after', examples)
    .action(async (directory: string, sql: string, options: Options) => {
      const { json, catalog } = options
      if (catalog !== undefined && options.live)
        throw new CliError('--catalog and --live are two answers to one question; give one.')
      const configuration = await readConfiguration(directory, options.connection)
      if (options.dumpCatalog) {
        await dump(configuration, options, terminal)
        return
      }
      const principal = await identity(configuration, options)
      const [{ explain }, { renderExplained }] = await Promise.all([
        import('../explain/explain.ts'),
        import('../explain/render.ts'),
      ])
      const statement = sql === '-' ? await standardInput(terminal) : sql
      const explained = await withStatus('Judging', terminal, () =>
        explain({ configuration, principal, sql: statement, ...options, catalogFile: catalog }),
      )
      const { judgement } = explained
      if (json) terminal.json({ sql: explained.sql, principal, ...judgement })
      else {
        for (const line of renderExplained(explained, terminal.marks)) terminal.out(line)
        if (options.token !== undefined)
          terminal.error('note: the token was read, not verified: neither signature nor expiry.')
      }
      terminal.exit(judgement.verdict === 'allow' ? 0 : 1)
    })

async function identity(
  { bundle }: Configuration,
  { as, group, claim, token }: Options,
): Promise<Principal> {
  const { parseAs, principalFrom, principalOfToken } = await import('../explain/identity.ts')
  if (token !== undefined) {
    if (as !== undefined || group.length > 0 || claim.length > 0)
      throw new CliError('--token says who it is; leave out --as, --group and --claim.')
    return principalOfToken(await readText(token), bundle.connection)
  }
  if (as === undefined) {
    const [first] = bundle.connection.identityProviders
    throw new CliError(
      `Say whose statement it is: --as ${first?.name ?? 'okta'}:SUBJECT with --group and --claim, or --token FILE.`,
    )
  }
  const named = parseAs(as, bundle.connection)
  return principalFrom({ ...named, groups: group, claims: claims(claim) }, bundle.connection)
}

async function dump(
  configuration: Configuration,
  { live, role, warehouse }: Options,
  terminal: Terminal,
): Promise<void> {
  if (!live) throw new CliError('--dump-catalog needs --live: there is nothing else to write down.')
  const { dumpCatalog } = await import('../explain/live.ts')
  const written = await withStatus('Reading the catalogue', terminal, () =>
    dumpCatalog(configuration, { role, warehouse }),
  )
  terminal.out(written.trimEnd())
  terminal.exit(0)
}

async function standardInput(terminal: Terminal): Promise<string> {
  if (process.stdin.isTTY) terminal.error('Reading SQL from the terminal; Ctrl-D ends it.')
  return (await text(process.stdin)).replace(/^\ufeff/, '')
}
