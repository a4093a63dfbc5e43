/**
 * What checking an Arrow chunk costs beside unpacking it: CPU time, as ratios of one run.
 * `node test/bench/arrow.ts`
 */

import { createGunzip, gzipSync } from 'node:zlib'

import { canarySearch } from '../../sidecar/results/canaries.ts'
import { ChunkCheck } from '../../sidecar/results/chunk-check.ts'
import type { ChunkExpectation } from '../../sidecar/results/chunk-reader.ts'
import { kinds, rowtype, streamOf, type Built, type Kind } from '../sidecar/results/arrow/build.ts'
import { paired } from './paired.ts'

const rows = 200_000

function kind(name: string): Kind {
  const found = kinds.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no kind is named ${name}`)
  return found
}

function column(name: string, value: (row: number) => unknown): Built {
  const cells = Array.from({ length: rows }, (_, row) => ({ value: value(row), text: '' }))
  return { kind: kind(name), nullable: true, cells }
}

const text = 'text as TEXT'
/** Made when asked for: millions of cells that stay alive would be what the collector is busy with. */
const columns = (): readonly Built[] => [
  ...[3, 7].map((by) => column('fixed of 32 bits, scale 0', (row) => row * by)),
  ...[11, 13].map((by) => column('fixed of 64 bits, scale 0', (row) => BigInt(row * by * 99_991))),
  column('real', (row) => row / 7),
  column('date', (row) => row % 20_000),
  ...['diagnosis', 'ward'].map((word) => column(text, (row) => `${word} ${String((row * 7_919) % 997)}`)),
  column(text, (row) => `patient-${String((row * 104_729) % 1_000_003).padStart(8, '0')}@example.org`),
  column(text, (row) => `*******${String(row % 10_000).padStart(4, '0')}`),
] // prettier-ignore

const described = columns().map(rowtype)
const stream = streamOf(columns(), 10_000)
const size = stream.length / 1e6
const packed = gzipSync(stream, { level: 6 })
const pieces = Array.from({ length: Math.ceil(packed.length / 65_536) }, (_, index) =>
  packed.subarray(index * 65_536, (index + 1) * 65_536),
)

async function unpack(): Promise<void> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  gunzip.resume()
  for (const piece of pieces)
    await new Promise<void>((resolve) => {
      gunzip.write(piece, () => {
        resolve()
      })
    })
  gunzip.destroy()
}

const checked = (change: Partial<ChunkExpectation>) => async (): Promise<void> => {
  const expected = { arrow: described, images: [], canaries: canarySearch([]), ...change }
  const check = new ChunkCheck(expected, rows, () => 'incident')
  for (const piece of pieces) await check.take(piece)
  await check.end()
  check.close()
}

const image = (cell: string | null): boolean => cell === null || /^\*{7}\d{4}$/.test(cell)
const masked = described.map((_, index) => (index === described.length - 1 ? image : null))
const work = {
  'plain gunzip': unpack,
  'checked, nothing masked': checked({}),
  'checked, one masked column': checked({ images: masked }),
  'checked, three canaries': checked({
    canaries: canarySearch(['900-00-0001', 'canary@example.org', '4111111111111112x']),
  }),
}

process.stdout.write(`${size.toFixed(1)} MB, ${(packed.length / 1e6).toFixed(1)} MB packed\n`)
const timed = await paired(Object.values(work), 0, 7)
for (const [index, name] of Object.keys(work).entries()) {
  const { cpu, ratio } = timed[index] ?? { cpu: NaN, ratio: NaN }
  process.stdout.write(
    `${name.padEnd(28)} ${(size / (cpu / 1e6)).toFixed(0)} MB/s, ${(1 / ratio).toFixed(2)} x\n`,
  )
}
