/** The end of an existing recording: where the chain goes on, and what a crash left behind it. */

import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

import { maxLineBytes, type ChainHead } from './chain.ts'
import type { RecordingRepaired } from './events.ts'
import { syncFolder } from './folder.ts'
import { parseLine } from './line.ts'
import { RecordingError } from './recording-error.ts'

export interface Tail {
  readonly head: ChainHead | null
  /** Size of the file in bytes, once an unfinished line was set aside. */
  readonly size: number
  readonly repaired: RecordingRepaired | null
}

const block = 64 * 1024

/**
 * Reads the last line and checks it; a file that is not there is created. Bytes after the last newline are an unfinished write that
 * nobody was told had succeeded; they are moved to `<file>.torn-<time>`, and said so in `repaired`.
 * Throws RecordingError `TailDamaged` if the last whole line is not as the recorder wrote it.
 */
export async function settleTail(path: string, time: string): Promise<Tail> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    const { size } = await file.stat()
    const end = await afterNewline(file, size, path)
    const head = end === 0 ? null : await lastLine(file, end, path)
    const repaired = end < size ? await setAside(file, path, end, size, time) : null
    return { head, size: end, repaired }
  } finally {
    await file.close()
  }
}

async function lastLine(file: FileHandle, end: number, path: string): Promise<ChainHead> {
  const start = await afterNewline(file, end - 1, path)
  const parsed = parseLine(await readRange(file, start, end - 1))
  if (!parsed.ok) throw damaged(path, start + parsed.at, parsed.message)
  const { seq, time, hash } = parsed.line
  return { seq, time, hash }
}

/** Position after the last newline before `before`; 0 if there is none. */
async function afterNewline(file: FileHandle, before: number, path: string): Promise<number> {
  const lowest = before - maxLineBytes - 1
  for (let end = before; end > 0;) {
    if (end < lowest) throw damaged(path, end, `no line is longer than ${maxLineBytes} bytes`)
    const start = Math.max(0, end - block)
    const found = (await readRange(file, start, end)).lastIndexOf(0x0a)
    if (found >= 0) return start + found + 1
    end = start
  }
  return 0
}

async function setAside(
  file: FileHandle,
  path: string,
  start: number,
  size: number,
  time: string,
): Promise<RecordingRepaired> {
  const bytes = await readRange(file, start, size)
  const aside = `${path}.torn-${time.replaceAll(/[-:.]/g, '')}`
  const copy = await open(aside, 'wx', 0o600)
  try {
    await copy.writeFile(bytes)
    await copy.sync()
  } finally {
    await copy.close()
  }
  await syncFolder(dirname(path))
  await file.truncate(start)
  await file.sync()
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { type: 'recording.repaired', bytes: bytes.length, sha256, keptIn: basename(aside) }
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start)
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
    if (bytesRead === 0) throw new RecordingError('FileChanged', 'the file shrank while being read')
    filled += bytesRead
  }
  return bytes
}

function damaged(path: string, offset: number, message: string): RecordingError {
  return new RecordingError(
    'TailDamaged',
    `${path} cannot be continued: the last line is damaged at byte ${offset}: ${message}. Keep the file as evidence (frostgate verify shows more), move it away, and start again.`,
  )
}
