/** `frostgate facts`: what SQL reads, writes and calls, as the gateway sees it. */

import { createReadStream } from 'node:fs'

import { Command } from 'commander'

import type { CommandFactory } from '../command.ts'
import { answer } from '../facts/answer.ts'
import type { FactsAnswer } from '../facts/answer.ts'
import { withCaret } from '../facts/caret.ts'
import { lines, longestLine } from '../facts/lines.ts'
import { CliError, type Terminal } from '../output.ts'

interface Options {
  readonly jsonLines?: true
}

const examples = `
Examples:
  frostgate facts migration.sql | jq '.statements[].writes'
  echo 'SELECT name FROM hr.people' | frostgate facts
  frostgate facts --json-lines < statements.jsonl      # {"sql": "…"} on each line

Prints one line of JSON per input: the file is one input, with --json-lines each of its lines.
Exit code 1 if the input was refused; with --json-lines 0, the answers say it themselves, with
error InputInvalid for a line that is no {"sql": "…"}.`

export const factsCommand: CommandFactory = (terminal) =>
  new Command('facts')
    .summary('show what SQL reads, writes and calls')
    .description(
      'Parses Snowflake SQL as the gateway does, and prints for each statement its kind, the objects, functions and stages it touches, what cannot be told from the text, and the text that would run. Connects to nothing.',
    )
    .argument('[file]', 'SQL, or JSON lines; - or nothing for standard input', '-')
    .option('--json-lines', 'each line of the input is {"sql": "…"}')
    .option('--json', 'as always: the output is JSON')
    .addHelpText('after', examples)
    .action(async (file: string, { jsonLines }: Options) => {
      const bytes = open(file, terminal)
      if (jsonLines === true) await answerLines(bytes, terminal)
      else await answerWhole(bytes, terminal)
    })

async function answerWhole(bytes: AsyncIterable<Uint8Array>, terminal: Terminal): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of read(bytes)) chunks.push(chunk)
  // Editors put a byte order mark in front; in SQL it would be an invisible character.
  const sql = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '')
  const found = say(sql, answer(sql), terminal)
  terminal.exit(found.ok ? 0 : 1)
}

async function answerLines(bytes: AsyncIterable<Uint8Array>, terminal: Terminal): Promise<void> {
  for await (const line of lines(read(bytes))) {
    const sql = line === null ? { error: tooLong } : sqlOf(line)
    if ('error' in sql) terminal.out(JSON.stringify(invalid(sql.error)))
    else say(sql.sql, answer(sql.sql), terminal)
    await terminal.drained()
  }
  terminal.exit(0)
}

function say(sql: string, found: FactsAnswer, terminal: Terminal): FactsAnswer {
  terminal.out(JSON.stringify(found))
  if (!found.ok && terminal.live) terminal.error(withCaret(sql, found.error))
  return found
}

const tooLong = `The line is longer than ${longestLine} characters. Send one statement per line.`

function sqlOf(line: string): { readonly sql: string } | { readonly error: string } {
  // A blank line is a text without statements.
  if (line.trim() === '') return { sql: '' }
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { error: 'The line is not JSON. Send {"sql": "…"} on each line.' }
  }
  const sql = typeof value === 'object' && value !== null && 'sql' in value ? value.sql : undefined
  if (typeof sql === 'string') return { sql }
  return { error: 'The line has no text under "sql". Send {"sql": "…"} on each line.' }
}

/** A line that is no statement at all; the name is this command's own. */
function invalid(message: string): FactsAnswer {
  return { ok: false, error: { code: 'InputInvalid', message, line: 1, column: 1 } }
}

function open(file: string, terminal: Terminal): AsyncIterable<Uint8Array> {
  if (file !== '-') return createReadStream(file)
  if (process.stdin.isTTY) terminal.error('Reading SQL from the terminal; Ctrl-D ends it.')
  return process.stdin
}

async function* read(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(`cannot read the input: ${reason}. Name a file, or - for standard input.`)
  }
}
