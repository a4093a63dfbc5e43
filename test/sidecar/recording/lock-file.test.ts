import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { openFileRecorder } from '../../../sidecar/recording/file-recorder.ts'
import { takeLock } from '../../../sidecar/recording/lock-file.ts'
import { verifyRecording } from '../../../sidecar/recording/verify.ts'
import { received, temporaryFolder } from './sample.ts'

const writer = join(import.meta.dirname, 'writer-process.ts')

async function newPath(): Promise<string> {
  return join(await temporaryFolder(), 'a.jsonl')
}

function deadPid(): number {
  return spawnSync('true').pid
}

describe('one writer per recording', () => {
  test('a second recorder of the same file is refused, until the first is closed', async () => {
    const path = await newPath()
    const first = await openFileRecorder({ path })
    await expect(openFileRecorder({ path })).rejects.toMatchObject({ kind: 'Locked' })
    await first.close()
    await (await openFileRecorder({ path })).close()
    expect(await readdir(dirname(path))).toEqual(['a.jsonl'])
  })

  test.each([
    ['of a process that is gone', { pid: deadPid(), host: hostname(), started: null }],
    ['of an earlier process of the same pid', { pid: process.pid, host: hostname(), started: 'x' }],
  ])('a lock %s is taken over', async (_whose, content) => {
    const path = `${await newPath()}.lock`
    await writeFile(path, JSON.stringify(content))
    await (await takeLock(path)).release()
    expect(await readdir(dirname(path))).toEqual([])
  })

  test.each([
    ['of a running process', { pid: process.ppid, host: hostname(), started: null }],
    ['of another host', { pid: deadPid(), host: 'elsewhere', started: null }],
    ['that says nothing', {}],
    ['of no process', { pid: -999_999, host: hostname(), started: null }],
  ])('a lock %s is respected', async (_whose, content) => {
    const path = `${await newPath()}.lock`
    await writeFile(path, JSON.stringify(content))
    await expect(takeLock(path)).rejects.toMatchObject({ kind: 'Locked' })
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(content)
    expect(await readdir(dirname(path))).toEqual(['a.jsonl.lock'])
  })

  test('a lock that somebody else took meanwhile is not given up for them', async () => {
    const path = `${await newPath()}.lock`
    const lock = await takeLock(path)
    await writeFile(path, 'theirs')
    await lock.release()
    expect(await readFile(path, 'utf8')).toBe('theirs')
  })

  test('a writer that is killed loses nothing it was told was recorded', async () => {
    const path = await newPath()
    const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let acknowledged = 0
    child.stdout.on('data', (bytes: Buffer) => {
      acknowledged += bytes.toString().split('\n').length - 1
      if (acknowledged > 200) child.kill('SIGKILL')
    })
    await Promise.all([once(child, 'exit'), once(child.stdout, 'close')])
    const recorder = await openFileRecorder({ path })
    expect(recorder.head?.seq).toBeGreaterThanOrEqual(acknowledged - 1)
    await recorder.record(received('after'))
    await recorder.close()
    expect(await verifyRecording(path)).toMatchObject({ ok: true })
  })

  test('while another process writes, this one may not', async () => {
    const path = await newPath()
    const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    await expect(openFileRecorder({ path })).rejects.toThrow(
      `process ${String(child.pid)} is running`,
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
})
