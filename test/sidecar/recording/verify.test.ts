import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

import { blobFolder } from '../../../sidecar/recording/blob-store.ts'
import { nextLine } from '../../../sidecar/recording/chain.ts'
import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import { readLines } from '../../../sidecar/recording/read.ts'
import { verifyRecording } from '../../../sidecar/recording/verify.ts'
import {
  chunkDigest,
  linesOf,
  recordSample,
  serialiseLine,
  sampleEvents,
  temporaryFolder,
  writeLines,
} from './sample.ts'

let sample: string
let lines: readonly string[]
beforeAll(async () => {
  sample = await recordSample()
  lines = await linesOf(sample)
})

async function kindAfter(change: (lines: string[]) => string[]): Promise<string | undefined> {
  const path = await recordSample()
  await writeLines(path, change([...lines]))
  return (await verifyRecording(path)).fault?.kind
}

describe('verifying a recording', () => {
  test('an unaltered recording is good, and the report says what was checked', async () => {
    const report = await verifyRecording(sample)
    expect(report).toMatchObject({
      ok: true,
      lines: sampleEvents.length,
      bytes: (await readFile(sample)).length,
      blobs: 1,
      fault: null,
      warnings: [],
      ending: 'stopped',
    })
    expect(report.head?.seq).toBe(sampleEvents.length - 1)
  })

  test('every line is handed on, in order', async () => {
    const seen: RecordedEvent[] = []
    await verifyRecording(sample, { onLine: ({ event }) => seen.push(event) })
    expect(seen).toEqual(sampleEvents)
  })

  test('one flipped bit is found, whichever byte of the file it is in', async () => {
    const few = sampleEvents.filter(({ type }) => /^(gateway|chunk\.relayed)/.test(type))
    const path = await recordSample(few)
    const good = await readFile(path)
    const missed: number[] = []
    for (let position = 0; position < good.length; position += 1) {
      const bytes = Buffer.from(good)
      bytes[position] = (bytes[position] ?? 0) ^ (1 << (position % 8))
      await writeFile(path, bytes)
      if ((await verifyRecording(path)).ok) missed.push(position)
    }
    expect(missed).toEqual([])
  })

  test('any other byte in the place of one is found, in the line that holds it or the next', async () => {
    const path = await recordSample()
    const good = await readFile(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, x) => {
        const bytes = Buffer.from(good)
        bytes[at] = (bytes[at] ?? 0) ^ x
        await writeFile(path, bytes)
        const { fault } = await verifyRecording(path)
        const line = good.subarray(0, at).toString('latin1').split('\n').length
        expect(fault?.line).toBe(line)
      }),
      { numRuns: 150 },
    )
  })

  test('a line taken out, put in twice or moved is found', async () => {
    for (let i = 0; i < lines.length - 1; i += 1) {
      expect(await kindAfter((all) => all.toSpliced(i, 1))).toBe('Sequence')
      expect(await kindAfter((all) => all.toSpliced(i, 0, all[i] ?? ''))).toBe('Sequence')
      const [one = '', two = ''] = lines.slice(i, i + 2)
      expect(await kindAfter((all) => all.toSpliced(i, 2, two, one))).toBe('Sequence')
    }
  })

  test('a line written anew with a right hash of its own breaks the link to the next', async () => {
    const kind = await kindAfter((all) => {
      const event = { type: 'gateway.stopped', reason: 'never happened' } as const
      const before = JSON.parse(all[3] ?? '') as { seq: number; time: string; hash: string }
      return all.toSpliced(4, 1, serialiseLine(nextLine(before, event, before.time)))
    })
    expect(kind).toBe('Link')
  })

  test('an end that was cut off is not a fault of the chain, so the report calls the end open', async () => {
    const path = await recordSample()
    await writeLines(path, lines.slice(0, -2))
    expect(await verifyRecording(path)).toMatchObject({ ok: true, ending: 'open' })
  })

  test('a head noted earlier shows that the end was cut off', async () => {
    const path = await recordSample()
    const contains = (await verifyRecording(path)).head?.hash ?? ''
    expect(await verifyRecording(path, { contains })).toMatchObject({ ok: true })
    await writeLines(path, lines.slice(0, -1))
    const report = await verifyRecording(path, { contains })
    expect(report.fault?.kind).toBe('HeadMissing')
  })

  test('a last line without its newline is a fault that names its place', async () => {
    const path = await recordSample()
    const bytes = await readFile(path)
    await writeFile(path, bytes.subarray(0, -1))
    const last = Buffer.byteLength(lines.at(-1) ?? '')
    expect((await verifyRecording(path)).fault).toMatchObject({
      kind: 'Torn',
      line: lines.length,
      offset: bytes.length - last - 1,
    })
  })

  test('an empty file proves nothing and is a fault', async () => {
    const path = join(await temporaryFolder(), 'empty.jsonl')
    await writeFile(path, '')
    expect((await verifyRecording(path)).fault?.kind).toBe('Empty')
  })

  test('a file that is not there is an error, not a verdict', async () => {
    await expect(verifyRecording('/nowhere/at-all.jsonl')).rejects.toThrow('ENOENT')
  })

  test('a line beyond the longest allowed is a fault, and is not read into memory', async () => {
    const path = await recordSample()
    await truncate(path, 200 * 1024 * 1024)
    const { fault } = await verifyRecording(path)
    expect(fault).toMatchObject({ kind: 'TooLong', line: sampleEvents.length + 1 })
  })

  test('random bytes are a fault and never an exception', async () => {
    const path = join(await temporaryFolder(), 'noise.jsonl')
    for (let i = 0; i < 50; i += 1) {
      await writeFile(path, randomBytes(1 + i * 40))
      expect((await verifyRecording(path)).ok).toBe(false)
    }
  })
})

describe('verifying the blobs of a recording', () => {
  async function withBlob(change: (path: string) => Promise<void>): Promise<string | undefined> {
    const path = await recordSample()
    await change(join(blobFolder(path), chunkDigest))
    const { fault } = await verifyRecording(path)
    if (fault !== null) expect(fault.line).toBe(8)
    return fault?.kind
  }

  test('a blob that is missing is a fault', async () => {
    expect(await withBlob((path) => rm(path))).toBe('BlobMissing')
  })

  test('a blob that is missing is none where the lines alone are asked for', async () => {
    const path = await recordSample()
    await rm(join(blobFolder(path), chunkDigest))
    expect(await verifyRecording(path, { chunks: false })).toMatchObject({ ok: true, blobs: 0 })
  })

  test('a folder in the place of a blob counts as missing', async () => {
    const kind = await withBlob(async (path) => {
      await rm(path)
      await mkdir(path)
    })
    expect(kind).toBe('BlobMissing')
  })

  test('a flipped byte in a blob is a fault', async () => {
    const kind = await withBlob(async (path) => {
      const bytes = await readFile(path)
      bytes[5] = (bytes[5] ?? 0) ^ 1
      await writeFile(path, bytes)
    })
    expect(kind).toBe('BlobAltered')
  })

  test('a relay of another size than its blob is a fault', async () => {
    const path = await recordSample(
      sampleEvents.map((event) =>
        event.type === 'chunk.relayed' ? { ...event, bytes: event.bytes + 1 } : event,
      ),
    )
    expect((await verifyRecording(path)).fault?.kind).toBe('BlobAltered')
  })

  test('a blob name that leads elsewhere is not followed', async () => {
    const path = await recordSample(
      sampleEvents.map((event) =>
        event.type === 'chunk.relayed' ? { ...event, sha256: '../../etc/passwd' } : event,
      ),
    )
    expect((await verifyRecording(path)).fault?.message).toContain('is not a SHA-256')
  })

  test('a blob that no line names is a warning', async () => {
    const path = await recordSample()
    await writeFile(join(blobFolder(path), 'stray'), 'x')
    const { ok, warnings } = await verifyRecording(path)
    expect(ok).toBe(true)
    expect(warnings).toMatchObject([{ kind: 'UnreferencedBlob', count: 1, line: null }])
  })
})

describe('warnings of a recording whose chain is whole', () => {
  async function warningsOf(events: readonly [RecordedEvent, string][]): Promise<unknown> {
    const path = join(await temporaryFolder(), 'written.jsonl')
    let head = null
    const written: string[] = []
    for (const [event, time] of events) {
      head = nextLine(head, event, time)
      written.push(serialiseLine(head))
    }
    await writeLines(path, written)
    const { ok, warnings } = await verifyRecording(path)
    expect(ok).toBe(true)
    return warnings
  }
  const stopped: RecordedEvent = { type: 'gateway.stopped', reason: 'x' }

  test('time that goes back is named with its first line', async () => {
    const warnings = await warningsOf([
      [stopped, '2026-03-01T09:00:00.000Z'],
      [stopped, '2026-03-01T08:59:59.999Z'],
      [stopped, '2026-03-01T08:00:00.000Z'],
    ])
    expect(warnings).toMatchObject([{ kind: 'TimeWentBack', line: 2, count: 2 }])
  })

  test('an event of a type that is not known, or that lacks a field, is named', async () => {
    const odd = [{ type: 'constructor' }, { type: 'gateway.stopped' }] as RecordedEvent[]
    const warnings = await warningsOf(odd.map((event) => [event, '2026-03-01T09:00:00.000Z']))
    expect(warnings).toMatchObject([{ kind: 'UnknownEvent', line: 1, count: 2 }])
  })
})

describe('reading lines', () => {
  test('lines are handed out with their place, across the blocks in which the file is read', async () => {
    const path = join(await temporaryFolder(), 'long.jsonl')
    const texts = [0, 1, 300_000, 7, 600_001].map((length) => 'é'.repeat(length))
    await writeFile(path, texts.join('\n'))
    let offset = 0
    let number = 1
    for await (const line of readLines(path)) {
      expect(line).toMatchObject({ number, offset, terminated: number < texts.length })
      expect(line.bytes.toString() === texts[number - 1]).toBe(true)
      offset += line.bytes.length + 1
      number += 1
    }
    expect(number).toBe(texts.length + 1)
  })

  test.each([
    ['in one block', 60, 40],
    ['across blocks', 700_000, 300_000],
  ])(
    'a line beyond the longest allowed is cut, and ends the reading (%s)',
    async (_w, size, longest) => {
      const path = join(await temporaryFolder(), 'too-long.jsonl')
      await writeFile(path, `ok\n${'x'.repeat(size)}\nafter\n`)
      const lengths: number[] = []
      for await (const line of readLines(path, longest)) lengths.push(line.bytes.length)
      expect(lengths).toEqual([2, longest + 1])
    },
  )
})
