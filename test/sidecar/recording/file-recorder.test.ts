import { appendFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { openSinkFile, type SinkFile } from '../../../sidecar/recording/file-sink.ts'
import { openFileRecorder } from '../../../sidecar/recording/file-recorder.ts'
import type { RecordingError } from '../../../sidecar/recording/recording-error.ts'
import { verifyRecording } from '../../../sidecar/recording/verify.ts'
import { linesOf, received, recordSample, steadyClock, temporaryFolder } from './sample.ts'

async function newPath(): Promise<string> {
  return join(await temporaryFolder(), 'audit', 'a.jsonl')
}

/** A real file whose next calls fail as told. */
interface Faults {
  write?: ((bytes: Uint8Array) => number) | undefined
  datasync?: (() => void) | undefined
}

function faulty(faults: Faults, calls: string[] = []) {
  return async (path: string): Promise<SinkFile> => {
    const file = await openSinkFile(path)
    return {
      write: async (bytes) => {
        calls.push('write')
        return file.write(faults.write ? bytes.subarray(0, faults.write(bytes)) : bytes)
      },
      datasync: async () => {
        calls.push('datasync')
        faults.datasync?.()
        await file.datasync()
      },
      stat: () => file.stat(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    }
  }
}

function noSpace(): never {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
}

describe('recording to a file', () => {
  test('an event is on disk when record() resolves, and the file is for its owner only', async () => {
    const path = await newPath()
    const calls: string[] = []
    const recorder = await openFileRecorder({ path, openFile: faulty({}, calls) })
    await recorder.record(received('q1'))
    expect(calls).toEqual(['write', 'datasync'])
    expect(await linesOf(path)).toHaveLength(1)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await recorder.close()
  })

  test('a file that others could read is closed to them', async () => {
    const path = join(await temporaryFolder(), 'wide.jsonl')
    await writeFile(path, '', { mode: 0o644 })
    await (await openFileRecorder({ path })).close()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('events that arrive during a write share the next one', async () => {
    const path = await newPath()
    const calls: string[] = []
    const recorder = await openFileRecorder({ path, openFile: faulty({}, calls) })
    const first = recorder.record(received('first'))
    while (calls.length === 0) await new Promise(setImmediate)
    await Promise.all([
      first,
      ...Array.from({ length: 99 }, (_, i) => recorder.record(received(`q${i}`))),
    ])
    expect(calls).toEqual(['write', 'datasync', 'write', 'datasync'])
    await recorder.close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: 100 })
  })

  test('10,000 events of many callers end up in the order of their calls', async () => {
    const path = await newPath()
    const recorder = await openFileRecorder({ path })
    await Promise.all(Array.from({ length: 10_000 }, (_, i) => recorder.record(received(`q${i}`))))
    await recorder.close()
    const order: string[] = []
    const report = await verifyRecording(path, {
      onLine: ({ event }) => order.push('statement' in event ? event.statement : ''),
    })
    expect(report).toMatchObject({ ok: true, lines: 10_000 })
    expect(order).toEqual(Array.from({ length: 10_000 }, (_, i) => `q${i}`))
  })

  test('what is recorded is the event at the time of the call', async () => {
    const path = await newPath()
    const recorder = await openFileRecorder({ path })
    const event = { ...received('q1') }
    const done = recorder.record(event)
    event.statement = 'altered later'
    await done
    await recorder.close()
    expect(await readFile(path, 'utf8')).not.toContain('altered later')
  })

  test('a restart goes on with the same chain', async () => {
    const path = await recordSample()
    const before = await verifyRecording(path)
    const recorder = await openFileRecorder({ path, now: steadyClock() })
    expect(recorder.head).toEqual(before.head)
    await recorder.record(received('q9'))
    await recorder.close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: before.lines + 1 })
  })

  test('close() waits for the events it was given and takes no more', async () => {
    const path = await newPath()
    const recorder = await openFileRecorder({ path })
    const pending = recorder.record(received('q1'))
    await recorder.close()
    await pending
    await expect(recorder.record(received('q2'))).rejects.toMatchObject({ kind: 'Closed' })
    await expect(recorder.blob('Full')).rejects.toMatchObject({ kind: 'Closed' })
    expect(await linesOf(path)).toHaveLength(1)
  })
})

describe('when the disk fails', () => {
  test('a full disk rejects the event, and each later one until there is room again', async () => {
    const path = await newPath()
    const faults: Faults = {}
    const errors: RecordingError[] = []
    const recorder = await openFileRecorder({
      path,
      openFile: faulty(faults),
      onError: (error) => errors.push(error),
    })
    await recorder.record(received('q1'))
    faults.write = noSpace
    for (const statement of ['q2', 'q3']) {
      await expect(recorder.record(received(statement))).rejects.toMatchObject({
        kind: 'WriteFailed',
        message: 'ENOSPC: no space left on device, write',
      })
    }
    expect(errors).toHaveLength(2)
    faults.write = undefined
    await recorder.record(received('q4'))
    await recorder.close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: 3 })
    const [, resumed = '', last = ''] = await linesOf(path)
    expect(resumed).toContain('"rejected":2')
    expect(resumed).toContain('"type":"recording.resumed"')
    expect(last).toContain('"statement":"q4"')
  })

  test('half a line that a full disk took is taken back before the next write', async () => {
    const path = await newPath()
    const faults: Faults = {}
    const recorder = await openFileRecorder({ path, openFile: faulty(faults) })
    await recorder.record(received('q1'))
    let writes = 0
    faults.write = (bytes) => ((writes += 1) === 1 ? bytes.length / 2 : noSpace())
    await expect(recorder.record(received('q2'))).rejects.toMatchObject({ kind: 'WriteFailed' })
    expect((await verifyRecording(path)).fault?.kind).toBe('Torn')
    faults.write = undefined
    await recorder.record(received('q3'))
    await recorder.close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: 3 })
    expect(await readFile(path, 'utf8')).not.toContain('"q2"')
  })

  test('a write that the disk takes in pieces is finished', async () => {
    const path = await newPath()
    const recorder = await openFileRecorder({
      path,
      openFile: faulty({ write: (bytes) => Math.min(bytes.length, 100) }),
    })
    await recorder.record(received('q1'))
    await recorder.close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: 1 })
  })

  test('a disk that takes nothing and says nothing is a failure, not a loop', async () => {
    const recorder = await openFileRecorder({
      path: await newPath(),
      openFile: faulty({ write: () => 0 }),
    })
    await expect(recorder.record(received('q1'))).rejects.toMatchObject({ kind: 'WriteFailed' })
    await recorder.close()
  })

  test('an event whose bytes were written but not made durable counts as not recorded', async () => {
    const path = await newPath()
    const faults: Faults = {
      datasync: () => {
        throw new Error('EIO')
      },
    }
    const recorder = await openFileRecorder({ path, openFile: faulty(faults) })
    await expect(recorder.record(received('q1'))).rejects.toMatchObject({ kind: 'WriteFailed' })
    faults.datasync = undefined
    await recorder.record(received('q2'))
    await recorder.close()
    expect(await readFile(path, 'utf8')).not.toContain('"q1"')
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: 2 })
  })

  test('the device that is always full rejects with the reason of the system', async () => {
    const path = await newPath()
    const recorder = await openFileRecorder({ path, openFile: () => openSinkFile('/dev/full') })
    await expect(recorder.record(received('q1'))).rejects.toThrow('ENOSPC')
    await recorder.close()
  })

  test('more waiting events than the queue may hold are rejected', async () => {
    const recorder = await openFileRecorder({ path: await newPath(), maxQueuedBytes: 1000 })
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => recorder.record(received(`q${i}`))),
    )
    const failed = results.filter((result) => result.status === 'rejected')
    expect(failed.length).toBeGreaterThan(10)
    expect(failed[0]?.reason).toMatchObject({ kind: 'QueueFull' })
    await recorder.record(received('later'))
    await recorder.close()
  })

  test('an event that no reader would take is refused', async () => {
    const recorder = await openFileRecorder({ path: await newPath() })
    const huge = received('q1', 'x'.repeat(64 * 1024 * 1024))
    await expect(recorder.record(huge)).rejects.toMatchObject({ kind: 'EventTooLarge' })
    await recorder.close()
  })
})

describe('when somebody else touches the file', () => {
  test.each([
    ['appended to', (path: string) => appendFile(path, 'x'), 'it should hold'],
    ['cut', (path: string) => writeFile(path, ''), 'it should hold'],
    ['deleted', (path: string) => rm(path), 'it was deleted'],
  ])('a recording that was %s is not written on', async (_how, touch, why) => {
    const path = await newPath()
    const recorder = await openFileRecorder({ path })
    await recorder.record(received('q1'))
    await touch(path)
    const rejected = expect(recorder.record(received('q2'))).rejects
    await rejected.toMatchObject({ kind: 'FileChanged' })
    await expect(recorder.record(received('q3'))).rejects.toThrow(why)
    await recorder.close()
  })

  test('bytes that another program adds after a failed write are not cut off with it', async () => {
    const path = await newPath()
    const faults: Faults = { write: noSpace }
    const recorder = await openFileRecorder({ path, openFile: faulty(faults) })
    await expect(recorder.record(received('q1'))).rejects.toMatchObject({ kind: 'WriteFailed' })
    await appendFile(path, 'y'.repeat(5000))
    faults.write = undefined
    await expect(recorder.record(received('q2'))).rejects.toMatchObject({ kind: 'FileChanged' })
    await recorder.close()
    expect((await stat(path)).size).toBe(5000)
  })
})

describe('after a crash', () => {
  test('an unfinished last line is set aside, and the recording says so', async () => {
    const path = await recordSample()
    const whole = await linesOf(path)
    await appendFile(path, '{"seq":13,"ti')
    const recorder = await openFileRecorder({ path, now: () => Date.parse('2026-03-01T10:00:00Z') })
    await recorder.record(received('q9'))
    await recorder.close()
    const kept = 'sample.jsonl.torn-20260301T100000000Z'
    expect(await readFile(join(dirname(path), kept), 'utf8')).toBe('{"seq":13,"ti')
    const report = await verifyRecording(path)
    expect(report).toMatchObject({ ok: true, lines: whole.length + 2 })
    const note = (await linesOf(path))[whole.length]
    expect(note).toContain(`"bytes":13,"keptIn":"${kept}"`)
  })

  test('where the disk is too full to say that an end was set aside, nothing is opened', async () => {
    const path = await recordSample()
    await appendFile(path, '{"seq":13,"ti')
    const opened = openFileRecorder({ path, openFile: faulty({ write: noSpace }) })
    await expect(opened).rejects.toMatchObject({ kind: 'WriteFailed' })
    await (await openFileRecorder({ path })).close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: 13 })
  })

  test('a recording of nothing but an unfinished line starts anew', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl')
    await writeFile(path, '{"seq":0')
    await (await openFileRecorder({ path })).close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: 1 })
    expect((await readdir(dirname(path))).toSorted()[1]).toMatch(/^a\.jsonl\.torn-/)
  })

  test('a last line longer than a block is read whole', async () => {
    const path = await newPath()
    const one = await openFileRecorder({ path })
    await one.record(received('q1', 'x'.repeat(200_000)))
    await one.close()
    const two = await openFileRecorder({ path })
    expect(two.head).toEqual(one.head)
    await two.close()
  })

  test.each([
    ['an altered byte', (text: string) => text.replace('SIGTERM', 'SIGTERN')],
    ['zeros, as some file systems leave them', (text: string) => `${text}${'\0'.repeat(40)}\n`],
    ["another program's output", (text: string) => `${text}hello\n`],
  ])('a last line with %s is refused, and the file is left as it is', async (_what, change) => {
    const path = await recordSample()
    const altered = change(await readFile(path, 'utf8'))
    await writeFile(path, altered)
    await expect(openFileRecorder({ path })).rejects.toMatchObject({ kind: 'TailDamaged' })
    expect(await readFile(path, 'utf8')).toBe(altered)
    await expect(stat(`${path}.lock`)).rejects.toThrow('ENOENT')
  })
})

describe('a recording with a bound', () => {
  test('refuses what would go beyond it, as a full disk does, and still verifies', async () => {
    const path = await newPath()
    const errors: RecordingError[] = []
    const options = {
      path,
      maxBytes: 2_000,
      onError: (error: RecordingError) => errors.push(error),
    }
    const recorder = await openFileRecorder(options)
    let recorded = 0
    const refusal = await (async () => {
      while (recorded < 100) {
        const error = await recorder
          .record(received(`q${recorded}`))
          .catch((thrown: unknown) => thrown)
        if (error !== undefined) return error
        recorded += 1
      }
      return undefined
    })()
    expect(refusal).toMatchObject({ kind: 'WriteFailed' })
    expect(errors).toEqual([refusal])
    expect(recorded).toBeGreaterThan(1)
    expect((await stat(path)).size).toBeLessThanOrEqual(2_000)
    await recorder.close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true, lines: recorded })
    const again = await openFileRecorder(options)
    await expect(again.record(received('late'))).rejects.toThrow('may have 2000')
    await again.close()
  })

  test('counts results beside it, unless they are discarded', async () => {
    const path = await newPath()
    const recorder = await openFileRecorder({ path, maxBytes: 2_000 })
    const blob = await recorder.blob('Full')
    await blob?.write(Buffer.alloc(1_500))
    await expect(blob?.write(Buffer.alloc(600))).rejects.toThrow('may have 2000')
    await blob?.discard()
    const kept = await recorder.blob('Full')
    await kept?.write(Buffer.alloc(1_990))
    await kept?.commit('a'.repeat(64))
    await kept?.discard()
    await expect(recorder.record(received('q'))).rejects.toThrow('may have 2000')
    await recorder.close()
    const again = await openFileRecorder({ path, maxBytes: 2_000 })
    await expect(again.record(received('q'))).rejects.toThrow('may have 2000')
    await again.close()
  })

  test('of which the disk took nothing counts nothing', async () => {
    const path = await newPath()
    const faults: Faults = { write: noSpace }
    const recorder = await openFileRecorder({ path, maxBytes: 2_000, openFile: faulty(faults) })
    for (let i = 0; i < 20; i += 1)
      await expect(recorder.record(received('q'))).rejects.toThrow('ENOSPC')
    faults.write = undefined
    await recorder.record(received('q'))
    await recorder.close()
  })
})
