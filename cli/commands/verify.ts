/** `frostgate verify`: was anything in this recording altered? */

import { Command, InvalidArgumentError } from 'commander'

import type { CommandFactory } from '../command.ts'
import { readRecording, remarksOn, verdictOf } from '../recording-file.ts'

interface Options {
  readonly head?: string
  readonly linesOnly?: true
  readonly json?: true
}

const examples = `
Examples:
  frostgate verify recordings/acme.jsonl
  frostgate verify recordings/acme.jsonl --json | jq .fault
  frostgate verify recordings/acme.jsonl --head 9f3c…   # the end was not cut off since then`

export const verifyCommand: CommandFactory = (terminal) =>
  new Command('verify')
    .summary('check that nothing in a recording was altered')
    .description(
      'Reads a recording from end to end: the hash chain, the spelling of each line, and the stored result chunks. Names the first fault with its line and byte.',
    )
    .argument('<file>', 'recording (.jsonl)')
    .option('--head <hash>', 'a hash noted earlier, which some line must have', sha256)
    .option(
      '--lines-only',
      'do not look for the stored result chunks, which a copy from the operator comes without',
    )
    .option('--json', 'print the report as JSON')
    .addHelpText('after', examples)
    .action(async (file: string, { head, linesOnly, json }: Options) => {
      const report = await readRecording(file, terminal, {
        ...(head === undefined ? {} : { contains: head }),
        chunks: linesOnly !== true,
      })
      if (json) terminal.json(report)
      else
        for (const line of [verdictOf(report, terminal), ...remarksOn(report)]) terminal.out(line)
      terminal.exit(report.ok ? 0 : 1)
    })

function sha256(value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value
  throw new InvalidArgumentError('A hash is 64 hexadecimal digits in lower case.')
}
