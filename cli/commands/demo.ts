/** `frostgate demo`: the whole line in a minute, each part checked. */

import { Command } from 'commander'

import { alignedRows, renderTimeline } from '../../sidecar/recording/render.ts'
import { startReplay } from '../../sidecar/recording/replay.ts'
import { verifyRecording } from '../../sidecar/recording/verify.ts'
import type { CommandFactory } from '../command.ts'
import type { Played } from '../demo/play.ts'
import { CliError, counted, type Terminal } from '../output.ts'
import { withStatus } from '../progress.ts'

const more = `
It starts a DuckDB warehouse in place of Snowflake and a local OIDC issuer in place of yours, runs
the agent examples/quickstart/agent.mjs through the gateway, and stops them all.
Exit code 0 only if every line is as promised.`

export const demoCommand: CommandFactory = (terminal) =>
  new Command('demo')
    .summary('watch an unchanged Snowflake driver go through the gateway')
    .description(
      'Shows masked rows, refusals, chunks and a verified recording, without a Snowflake account.',
    )
    .option('--json', 'print each line as JSON')
    .addHelpText('after', more)
    .action(async ({ json }: { readonly json?: true }) => {
      const { playDemo } = await import('../demo/play.ts')
      const played: Played[] = []
      if (!json)
        terminal.out(
          terminal.marks.strong('An agent with an unchanged Snowflake driver and one OIDC token\n'),
        )
      await playDemo({
        during: (label, work) => withStatus(label, terminal, work),
        onPlayed: (scene) => {
          played.push(scene)
          if (!json) for (const line of describe(scene, terminal)) terminal.out(line)
        },
        onRecording: async (file) => {
          if (!json) for (const line of await timeline(file, terminal)) terminal.out(line)
        },
      })
      const failed = played.filter(({ complaint }) => complaint !== undefined)
      if (json) terminal.json({ ok: failed.length === 0, scenes: played })
      else
        terminal.out(
          terminal.marks.strong(
            `${played.length - failed.length} of ${played.length} as promised.`,
          ),
        )
      if (failed.length > 0)
        throw new CliError(`${counted(failed.length, 'line')} not as promised.`, 1)
      terminal.exit(0)
    })

function describe(
  { title, sql, answer, note, complaint }: Played,
  { marks }: Terminal,
): readonly string[] {
  const verdict = complaint === undefined ? marks.good('✓') : marks.bad('✗')
  const lines = [
    `${verdict} ${marks.strong(title)}`,
    ...(sql === undefined ? [] : [marks.faint(`  ${sql}`)]),
    ...(answer ? outcome(answer).map((line) => `    ${line}`) : []),
    ...(note === undefined ? [] : [`    ${note}`]),
    ...(complaint === undefined ? [] : [marks.bad(`    Not as promised: ${complaint}`)]),
  ]
  return [...lines, '']
}

function outcome({
  error,
  columns = [],
  rows = [],
  total = 0,
}: NonNullable<Played['answer']>): readonly string[] {
  if (error) return [`${error.code} (${error.sqlState ?? '-'}): ${error.message}`]
  const shown = rows.slice(0, 3)
  const cells = shown.map((row) => columns.map((column) => cell(row[column])))
  return [
    ...alignedRows([columns, ...cells]),
    ...(total > shown.length ? [`… ${counted(total, 'row')} in all`] : []),
  ]
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The first statements of the replay; the whole of it is one command away. */
async function timeline(file: string, { marks }: Terminal): Promise<readonly string[]> {
  const replay = startReplay({ rows: 1, session: undefined })
  await verifyRecording(file, { onLine: replay.add })
  const lines = [...renderTimeline(replay.timeline(), marks)]
  const shown = lines.slice(0, 24)
  return [
    `${marks.good('✓')} ${marks.strong('And replays')}`,
    ...[
      ...shown,
      ...(lines.length > shown.length
        ? [`… ${counted(lines.length - shown.length, 'line')} more`]
        : []),
    ].map((line) => `    ${line}`),
    '',
  ]
}
