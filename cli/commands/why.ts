/** `frostgate why`: what became of one statement, and why, from the recording. */

import { Command } from 'commander'

import type { CommandFactory } from '../command.ts'
import { CliError, type Terminal } from '../output.ts'
import type { Found, Story } from '../why/find.ts'

interface Options {
  readonly recording: string
  readonly json?: true
}

const examples = `
Examples:
  frostgate why 01b2c3d4-0000-0000-0000-0123456789ab
  frostgate why 6f1c0e2a9b7d4c53 --recording recordings/

Exit code 0: found, in a recording that is as it was recorded; 1: a recording is broken (what precedes
the fault is still told); 2: there is no such id.`

/** Statements that are told in full; of more, the last ones. */
const most = 5

export const whyCommand: CommandFactory = (terminal) =>
  new Command('why')
    .summary('explain a refusal or a hold from the recording')
    .description(
      'Tells who sent a statement, what was decided and by which rule, what was masked, who was asked and what they said, whether it ran, and what to change. The id is the query id that the client saw, the id or the name of an approval request, or the id of one use of an approval. The recording is verified on the way.',
    )
    .argument('<id>', 'of the statement, the request or the approval')
    .option(
      '--recording <file>',
      'recording (.jsonl), or a folder of them',
      '.frostgate/recording.jsonl',
    ) // prettier-ignore
    .option('--json', 'print what was found as JSON')
    .addHelpText('after', examples)
    .action(async (id: string, { recording, json }: Options) => {
      const { find } = await import('../why/find.ts')
      const found = await find(id, recording, terminal)
      const whole = found.reports.every(({ ok }) => ok)
      if (json) await asJson(id, found, terminal)
      else await print(found, terminal)
      if (found.stories.length === 0) throw await unknown(id, recording, found)
      terminal.exit(whole ? 0 : 1)
    })

async function asJson(id: string, { reports, stories, nearest }: Found, terminal: Terminal) {
  const { told } = await import('../why/render.ts')
  const verification = reports.map(({ path, ok, lines, head, fault }) => ({ path, ok, lines, head, fault })) // prettier-ignore
  const statements = stories.map((story) => ({ ...story, verdict: told(story).verdict }))
  terminal.json({ id, verification, statements, nearest })
}

async function print({ reports, stories }: Found, terminal: Terminal): Promise<void> {
  const { screenWidth } = await import('../approvals/layout.ts')
  const { renderOverview, renderStory } = await import('../why/render.ts')
  const { columns } = process.stdout as { readonly columns?: number }
  const screen = { width: screenWidth(columns), marks: terminal.marks }
  const named = new Set(stories.map(({ recording }) => recording))
  for (const line of await verdicts(reports, named, terminal)) terminal.out(line)
  if (stories.length > 1) {
    terminal.out(`It is of ${stories.length} statements:`)
    for (const line of renderOverview(stories, screen)) terminal.out(`  ${line}`)
    terminal.out('')
  }
  const last: readonly Story[] = stories.slice(-most)
  for (const [index, story] of last.entries()) {
    if (index > 0) terminal.out('')
    for (const line of renderStory(story, screen)) terminal.out(line)
  }
}

/** Of recordings that tell something, and of all that are broken. */
async function verdicts(
  reports: Found['reports'],
  named: ReadonlySet<string>,
  terminal: Terminal,
): Promise<readonly string[]> {
  const { verdictOf } = await import('../recording-file.ts')
  const shown = reports.filter(({ path, ok }) => named.has(path) || !ok)
  const lines = shown.flatMap((report) => [
    verdictOf(report, terminal),
    ...(report.ok ? [] : ['What follows that line is not believed, and not told here.']),
  ])
  return lines.length === 0 ? [] : [...lines, '']
}

async function unknown(id: string, recording: string, { reports, nearest }: Found) {
  const { oneLine } = await import('../approvals/layout.ts')
  const { idForms } = await import('../why/ids.ts')
  const broken = reports.some(({ ok }) => !ok)
  const lines = [
    `Nothing in ${oneLine(recording)} has the id ${JSON.stringify(oneLine(id))}.`,
    ...(nearest.length === 0 ? [] : [`Near it are: ${nearest.map(oneLine).join(', ')}.`]),
    ...(broken ? ['It may stand behind the fault of a broken recording.'] : []),
    'An id is one of:',
    ...idForms.map((form) => `  ${form}`),
    'Another recording is named with --recording.',
  ]
  return new CliError(lines.join('\n'), broken ? 1 : 2)
}
