import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { blobFolder, openBlob } from '../../../sidecar/recording/blob-store.ts'
import { openFileRecorder } from '../../../sidecar/recording/file-recorder.ts'
import { chunkBytes, chunkDigest, temporaryFolder } from './sample.ts'

describe('blobs of result chunks', () => {
  test('a blob lies beside the recording under the hash of its bytes, for its owner only', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl')
    const recorder = await openFileRecorder({ path })
    const blob = await recorder.blob('Full')
    await blob?.write(chunkBytes.subarray(0, 5))
    await blob?.write(chunkBytes.subarray(5))
    await blob?.commit(chunkDigest)
    await recorder.close()
    const stored = join(path.replace('.jsonl', '.blobs'), chunkDigest)
    expect(await readFile(stored)).toEqual(chunkBytes)
    expect((await stat(stored)).mode & 0o777).toBe(0o600)
    expect((await stat(blobFolder(path))).mode & 0o777).toBe(0o700)
  })

  test.each(['Metadata', 'None'] as const)('recording %s keeps no blobs', async (mode) => {
    const path = join(await temporaryFolder(), 'a.jsonl')
    const recorder = await openFileRecorder({ path })
    expect(await recorder.blob(mode)).toBeNull()
    await recorder.close()
  })

  test('a blob that is not committed is not under its name, and a discarded one is gone', async () => {
    const folder = join(await temporaryFolder(), 'a.blobs')
    const blob = await openBlob(folder)
    await blob.write(chunkBytes)
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^\.unfinished-/)])
    await blob.discard()
    expect(await readdir(folder)).toEqual([])
  })

  test('discard() after commit() leaves the blob, and nothing is written after it', async () => {
    const folder = join(await temporaryFolder(), 'a.blobs')
    const blob = await openBlob(folder)
    await blob.write(chunkBytes)
    await blob.commit(chunkDigest)
    await blob.discard()
    expect(await readdir(folder)).toEqual([chunkDigest])
    await expect(blob.write(chunkBytes)).rejects.toMatchObject({ kind: 'Closed' })
  })

  test('a name that is not a SHA-256 is refused', async () => {
    const folder = join(await temporaryFolder(), 'a.blobs')
    const blob = await openBlob(folder)
    await expect(blob.commit('../outside')).rejects.toMatchObject({ kind: 'BlobRefused' })
    await blob.discard()
  })

  test('a folder that cannot be made is a failed write with the reason of the system', async () => {
    const path = join(await temporaryFolder(), 'a-file')
    await writeFile(path, '')
    await expect(openBlob(join(path, 'a.blobs'))).rejects.toMatchObject({
      kind: 'WriteFailed',
      message: expect.stringContaining('ENOTDIR') as string,
    })
  })
})
