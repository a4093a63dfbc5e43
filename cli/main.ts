#!/usr/bin/env node
/** The `frostgate` command. */

import { openTerminal } from './output.ts'
import { run } from './program.ts'

// `frostgate replay … | head`: a reader that has seen enough is no failure worth a stack trace.
// 141 is what shells show of a program that SIGPIPE ended.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 141 : 2)
  })
}

const terminal = openTerminal(process.stdout, process.stderr, process.env, (code) => {
  process.exitCode = code
})
await run(process.argv.slice(2), terminal)
