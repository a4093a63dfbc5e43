/** What a command may print, and how. Results go to stdout, everything else to stderr. */

import { plainMarks, type Marks } from '../sidecar/recording/render.ts'

/** 0: as it should be. 1: what was checked is not so, or was refused. 2: usage or environment. */
export type ExitCode = 0 | 1 | 2

export interface Terminal {
  /** One line of the result. */
  out(line: string): void
  /** Resolves when whoever reads stdout can take more: for results of any length. */
  drained(): Promise<void>
  /** The result as JSON. */
  json(value: unknown): void
  /** A paragraph on stderr. */
  error(message: string): void
  /** Draws over the current line of stderr; only where `live`. */
  redraw(line: string): void
  /** True if somebody watches stderr. */
  readonly live: boolean
  readonly marks: Marks
  readonly environment: Readonly<Record<string, string | undefined>>
  exit(code: ExitCode): void
}

/** An error whose message is meant for whoever typed the command. */
export class CliError extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = 2) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

interface Output {
  readonly isTTY?: boolean
  readonly writableNeedDrain?: boolean
  write(text: string): unknown
  once?(event: 'drain', listener: () => void): unknown
}

/** The terminal of this process; `NO_COLOR` (no-color.org) and `TERM=dumb` turn colours off. */
export function openTerminal(
  stdout: Output,
  stderr: Output,
  environment: Terminal['environment'],
  exit: (code: ExitCode) => void,
): Terminal {
  const wanted = !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
  return {
    out: (line) => stdout.write(`${line}\n`),
    drained: () =>
      new Promise((resolve) => {
        if (stdout.writableNeedDrain === true) stdout.once?.('drain', resolve)
        else resolve()
      }),
    json: (value) => stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    error: (message) => stderr.write(`${message}\n`),
    redraw: (line) => stderr.write(`\r\u001b[2K${line}`),
    live: stderr.isTTY === true,
    marks: stdout.isTTY === true && wanted ? colours : plainMarks,
    environment,
    exit,
  }
}

const colours: Marks = {
  good: (text) => `\u001b[32m${text}\u001b[39m`,
  bad: (text) => `\u001b[31m${text}\u001b[39m`,
  strong: (text) => `\u001b[1m${text}\u001b[22m`,
  faint: (text) => `\u001b[2m${text}\u001b[22m`,
}

const thousands = new Intl.NumberFormat('en')

/** `3 lines`, `12,000 lines`. */
export function counted(count: number, noun: string): string {
  return `${thousands.format(count)} ${noun}${count === 1 ? '' : 's'}`
}
