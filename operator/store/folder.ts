/** The YAML files of a folder, as text. */

import type { Dirent } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Problem } from './problem.ts'

/** The API server takes no larger object either (etcd's request limit is 1.5 MiB). */
const maxFileBytes = 1_048_576
const maxFiles = 1000

interface SourceFile {
  readonly file: string
  readonly text: string
}

interface Folder {
  readonly files: readonly SourceFile[]
  readonly problems: readonly Problem[]
}

/** Files in name order; hidden files are left alone, as editors and mounts leave some. */
export async function readFolder(directory: string): Promise<Folder> {
  let entries: readonly Dirent[]
  let root: string
  try {
    root = await realpath(directory)
    entries = await readdir(directory, { withFileTypes: true })
  } catch (error) {
    const advice = 'Name a folder that holds the YAML of a SnowflakeConnection.'
    return { files: [], problems: [problem(directory, `cannot be read: ${reason(error)}`, advice)] }
  }
  const names = entries
    .map(({ name }) => name)
    .filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.'))
    .sort()
  if (names.length === 0 || names.length > maxFiles) {
    const message = `holds ${names.length} YAML files; from 1 to ${maxFiles} can be read`
    return { files: [], problems: [problem(directory, message, 'Name another folder.')] }
  }
  const read = await Promise.all(names.map((name) => readSource(join(directory, name), root)))
  return {
    files: read.flatMap((each) => ('text' in each ? [each] : [])),
    problems: read.flatMap((each) => ('text' in each ? [] : [each])),
  }
}

async function readSource(file: string, root: string): Promise<SourceFile | Problem> {
  try {
    const target = await realpath(file)
    // A mounted ConfigMap is all links, which stay inside its folder.
    if (!dirname(target).concat(sep).startsWith(root.concat(sep))) {
      return problem(file, 'links to a file outside of the folder', 'Copy the file here.')
    }
    const status = await stat(target)
    if (!status.isFile()) return problem(file, 'is not a file', 'Rename or remove it.')
    if (status.size > maxFileBytes) {
      return problem(file, `is larger than ${maxFileBytes} bytes`, 'Split it into several files.')
    }
    const bytes = await readFile(target)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // Written by truncation it may be on its way: read as nothing, it would take its rules away.
    if (text.trim() === '')
      return problem(file, 'is empty, as a half-written file is', 'Write it or remove it.')
    return { file, text }
  } catch (error) {
    return problem(file, `cannot be read: ${reason(error)}`, 'Make it a readable file in UTF-8.')
  }
}

function problem(file: string, message: string, advice: string): Problem {
  return { file, line: undefined, column: undefined, object: undefined, field: '', message, advice }
}

function reason(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : String(error)
}
