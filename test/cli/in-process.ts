/** Runs the command line in this process: much faster than a shell, and with the same program. */

import { openTerminal } from '../../cli/output.ts'
import { run } from '../../cli/program.ts'
import type { Outcome } from './frostgate.ts'

/** `live`: somebody watches stderr. */
export async function cli(words: readonly string[], live = false): Promise<Outcome> {
  let [stdout, stderr, code] = ['', '', 0]
  const out = { write: (text: string) => (stdout += text) }
  const error = { isTTY: live, write: (text: string) => (stderr += text) }
  await run(
    words,
    openTerminal(out, error, {}, (exit) => {
      code = exit
    }),
  )
  return { code, stdout, stderr }
}

export const quickstart = 'examples/quickstart'
export const catalogFile = 'examples/quickstart/tests/catalog.yaml'
