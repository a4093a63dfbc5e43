/** The files of a folder of recordings: how much they hold, and which have been kept long enough. */

import { lstat, readdir, rmdir, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'

interface Kept {
  readonly path: string
  readonly size: number
  /** Of the last change, milliseconds since the epoch. */
  readonly changedAt: number
}

/** Bytes of all recordings below the folder; 0 if it is not there. */
export async function usedBytes(folder: string): Promise<number> {
  return (await recordingsIn(folder)).reduce((total, { size }) => total + size, 0)
}

/**
 * Removes recordings that nothing was added to since `before` (milliseconds since the epoch), of
 * pods that are gone, and folders of replicas that this leaves empty. Resolves to how many files.
 */
export async function removeOld(
  folder: string,
  before: number,
  isLive: (uid: string) => boolean,
): Promise<number> {
  let removed = 0
  for (const { path, changedAt } of await recordingsIn(folder)) {
    if (changedAt >= before || isLive(basename(path, '.jsonl'))) continue
    // Another replica may have been faster.
    await unlink(path).then(() => (removed += 1), unless('ENOENT'))
    await rmdir(join(path, '..')).catch(unless('ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY'))
  }
  return removed
}

async function recordingsIn(folder: string): Promise<readonly Kept[]> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    unless('ENOENT')(error)
    return []
  })
  const paths = names.filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name))
  const found: Kept[] = []
  for (const path of paths) {
    const entry = await lstat(path).catch((error: unknown) => {
      unless('ENOENT')(error)
      return undefined
    })
    if (entry?.isFile() === true) found.push({ path, size: entry.size, changedAt: entry.mtimeMs })
  }
  return found
}

/** Lets an error of these codes pass. */
function unless(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    const { code } = error as { readonly code?: unknown }
    if (!codes.some((each) => each === code)) throw error
  }
}
