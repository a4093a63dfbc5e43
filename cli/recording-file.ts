/** What `verify` and `replay` share: reading a recording, and saying in words how it fared. */

import { printable } from '../sidecar/recording/render.ts'
import { systemCode } from '../sidecar/recording/recording-error.ts'
import type { VerifyReport } from '../sidecar/recording/verify-report.ts'
import { verifyRecording, type VerifyOptions } from '../sidecar/recording/verify.ts'

import { CliError, counted, type Terminal } from './output.ts'
import { startProgress } from './progress.ts'

const whyUnreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder; name the .jsonl file in it',
}

/** Verifies with progress. Throws CliError if the file cannot be read. */
export async function readRecording(
  path: string,
  terminal: Terminal,
  options: Omit<VerifyOptions, 'onProgress'>,
): Promise<VerifyReport> {
  const progress = startProgress(`Verifying ${path}`, terminal)
  const onProgress = (done: number, total: number): void => {
    progress.update(done, total)
  }
  try {
    return await verifyRecording(path, { ...options, onProgress })
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    throw new CliError(`${path} cannot be read: ${whyUnreadable[code] ?? code}.`)
  } finally {
    progress.stop()
  }
}

/** The verdict in one line. */
export function verdictOf(report: VerifyReport, { marks }: Terminal): string {
  const { fault } = report
  if (fault === null) {
    const what = `${counted(report.lines, 'line')} and ${counted(report.blobs, 'blob')}`
    return `${marks.good('VERIFIED')}: ${what} of ${report.path} are as they were recorded.`
  }
  const where = `line ${fault.line}, byte ${fault.offset}`
  const what = printable(fault.message)
  return `${marks.bad('BROKEN')} at ${where} of ${report.path} (${fault.kind}): ${what}.`
}

/** What a reader should know besides: how the file ends, its head, warnings. */
export function remarksOn(report: VerifyReport): readonly string[] {
  const { head, fault, warnings } = report
  const good = fault === null ? '' : `The ${counted(report.lines, 'line')} before it are good. `
  return [
    ...(fault === null ? [endings[report.ending]] : []),
    ...(head === null ? [] : [`${good}Head: seq ${head.seq}, ${head.time}, ${head.hash}`]),
    ...warnings.map(({ line, count, message }) => {
      const where = line === null ? '' : ` at line ${line}`
      const more = count === 1 ? '' : ` (and ${count - 1} more like it)`
      return `Warning${where}: ${printable(message)}${more}.`
    }),
  ]
}

const endings: Readonly<Record<VerifyReport['ending'], string>> = {
  stopped: 'It ends with the stop of the gateway.',
  open: 'It does not end with the stop of the gateway: the gateway still runs, died, or the end was cut off. The chain alone cannot tell these apart; a head noted earlier can (--head).',
}
