/**
 * Run by `bench:policy` as its own process, with `--expose-gc`: prints the bytes of heap that a
 * warm catalogue of as many columns as the argument says takes.
 */

import { warmCatalogue } from './policy-fixture.ts'

const columns = Number(process.argv[2])

// What the first of anything compiles and keeps is not the catalogue's.
await warmCatalogue([], 500)
const before = heap()
const catalogue = await warmCatalogue([], columns)
const bytes = heap() - before
// Used behind the measurement, so that it is not collected before.
const { name } = { name: { database: 'BENCH', schema: 'FILLER', name: 'TABLE_0' } }
if ((await catalogue.relation(name)) === null) throw new Error('the catalogue is empty')
process.stdout.write(String(bytes))

function heap(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
