/** Folders of the recording. */

import { open } from 'node:fs/promises'

/** Makes names created in, or moved into, the folder outlast a crash of the machine. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
