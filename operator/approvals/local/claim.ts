/** One gateway keeps a folder of approvals, and knows when the folder is no longer the one it took. */

import { lstat } from 'node:fs/promises'
import { join } from 'node:path'

import { takeLock, type Lock } from '../../../sidecar/recording/lock-file.ts'
import { RecordingError } from '../../../sidecar/recording/recording-error.ts'
import { prepareFolder } from './files.ts'

export interface Claim {
  /** Rejects if the folder is gone, or another one is where it was. */
  mustHold(): Promise<void>
  release(): Promise<void>
}

/** Errors: an Error that says why the folder cannot be used, such as by a second gateway. */
export async function claimFolder(folder: string): Promise<Claim> {
  await prepareFolder(folder)
  const lock = await lockOf(folder)
  const taken = await inodeOf(folder)
  return {
    mustHold: async () => {
      const now = await inodeOf(folder).catch(() => undefined)
      if (now === taken) return
      throw new Error(
        `The folder of approvals ${folder} was removed or replaced, so nothing is approved. Start the gateway again.`,
      )
    },
    release: () => lock.release(),
  }
}

async function inodeOf(folder: string): Promise<string> {
  const { dev, ino } = await lstat(folder, { bigint: true })
  return `${dev}:${ino}`
}

async function lockOf(folder: string): Promise<Lock> {
  const file = join(folder, '.lock')
  try {
    return await takeLock(file)
  } catch (error) {
    if (!(error instanceof RecordingError && error.kind === 'Locked')) throw error
    throw new Error(
      `The folder of approvals ${folder} is kept by another gateway. Stop that one, or name another folder with --approvals. If you are sure that none runs, delete ${file}.`,
      { cause: error },
    )
  }
}
