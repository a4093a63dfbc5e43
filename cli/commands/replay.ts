/** `frostgate replay`: what happened, as a timeline. */

import { Command, InvalidArgumentError } from 'commander'

import { renderTimeline } from '../../sidecar/recording/render.ts'
import { startReplay } from '../../sidecar/recording/replay.ts'
import type { CommandFactory } from '../command.ts'
import { CliError } from '../output.ts'
import { readRecording, remarksOn, verdictOf } from '../recording-file.ts'

interface Options {
  readonly session?: string
  readonly rows: number
  readonly json?: true
}

const examples = `
Examples:
  frostgate replay recordings/acme.jsonl
  frostgate replay recordings/acme.jsonl --session 7d0c2f --rows 20
  frostgate replay recordings/acme.jsonl --json | jq '.timeline.items[] | select(.kind == "session")'`

export const replayCommand: CommandFactory = (terminal) =>
  new Command('replay')
    .summary('show what a recording tells: sessions, statements, verdicts, rows')
    .description(
      'Verifies a recording and shows it as a timeline. Rows are shown as the client got them: masked. Of a broken recording, what precedes the fault is shown, and the exit code is 1.',
    )
    .argument('<file>', 'recording (.jsonl)')
    .option('--session <id>', 'only this session; the beginning of its id is enough')
    .option('--rows <n>', 'rows shown of each result', wholeNumber, 5)
    .option('--json', 'print the verification report and the timeline as JSON')
    .addHelpText('after', examples)
    .action(async (file: string, { session, rows, json }: Options) => {
      const replay = startReplay({ rows, session })
      const verification = await readRecording(file, terminal, { onLine: replay.add })
      const timeline = replay.timeline()
      if (json) {
        terminal.json({ verification, timeline })
      } else {
        const lead = [verdictOf(verification, terminal), ...remarksOn(verification), '']
        for (const line of lead) terminal.out(line)
        for (const line of renderTimeline(timeline, terminal.marks)) terminal.out(line)
      }
      if (session !== undefined && timeline.items.length === 0) {
        throw new CliError(
          `No session ${session}… is in ${file}. Leave out --session to see which ones are.`,
          verification.ok ? 2 : 1,
        )
      }
      terminal.exit(verification.ok ? 0 : 1)
    })

function wholeNumber(value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a whole number.')
}
