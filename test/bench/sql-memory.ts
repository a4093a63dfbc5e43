/**
 * Run by `bench:sql` as its own process, with `--expose-gc`: reads statements from standard input,
 * parses them over and over, and prints how memory grew between warm and done.
 */

import { text } from 'node:stream/consumers'
import { readOurs } from './sql-frostgate.ts'

export interface Growth {
  readonly parses: number
  /** Bytes after the warm-up, and what they grew by. */
  readonly rss: number
  readonly rssGrowth: number
  readonly heap: number
  readonly heapGrowth: number
}

const statements = JSON.parse(await text(process.stdin)) as readonly string[]
const parses = Number(process.argv[2])

parse(parses / 10)
const before = memory()
parse(parses)
const after = memory()
const growth: Growth = {
  parses,
  rss: before.rss,
  rssGrowth: after.rss - before.rss,
  heap: before.heapUsed,
  heapGrowth: after.heapUsed - before.heapUsed,
}
process.stdout.write(JSON.stringify(growth))

function parse(count: number): void {
  for (let done = 0; done < count; done += 1) readOurs(statements[done % statements.length] ?? '')
}

function memory(): NodeJS.MemoryUsage {
  globalThis.gc?.()
  return process.memoryUsage()
}
