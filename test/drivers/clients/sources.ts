/** Source text of a client program, by which its build is known. */

import { readFile, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Every file below a folder, with its name, in one text. */
export async function sourcesIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return files.map((file, index) => `${relative(folder, file)}\n${texts[index] ?? ''}`).join('\n')
}
