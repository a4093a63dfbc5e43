/** The folder of YAML that commands start from, compiled as the operator compiles it. */

import { readFile } from 'node:fs/promises'

import type { compileDirectory } from '../operator/compile/directory.ts'
import { formatProblem, type Problem } from '../operator/store/problem.ts'
import { CliError } from './output.ts'

export type Configuration = Extract<
  Awaited<ReturnType<typeof compileDirectory>>,
  { readonly bundle: unknown }
>

/** Errors: CliError with every problem of the folder. */
export async function readConfiguration(
  directory: string,
  connection?: string,
): Promise<Configuration> {
  // Loaded here: `verify` should not wait for the schemas to be read.
  const { compileDirectory } = await import('../operator/compile/directory.ts')
  const compiled = await compileDirectory(directory, connection === undefined ? {} : { connection })
  if ('problems' in compiled) throw problemsError(directory, compiled.problems)
  return compiled
}

/** `what` is what has the problems, as people name it; `so` what comes of them. */
export function problemsError(what: string, problems: readonly Problem[], so = ''): CliError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return new CliError(`${what} has ${count}${so}:\n${problems.map(formatProblem).join('\n')}`)
}

const whyUnreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
}

/** A file as text. Errors: CliError. */
export async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    const { code } = error as { readonly code?: string }
    const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8' : undefined
    throw new CliError(
      `${path} cannot be read: ${reason ?? whyUnreadable[code ?? ''] ?? code ?? String(error)}.`,
    )
  }
}
