/** Builds a program of the cluster from its pinned module into the cache. */

import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { CommandError, run } from '../command.ts'
import { moduleFolder } from './modules.ts'
import { sourceOf, type Missing, type ProgramName } from './programs.ts'

export type Say = (line: string) => void

const goRemedy =
  'install Go 1.26 or newer (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a folder with the programs'

/** What `go version` says in the module's folder, where a toolchain it asks for is chosen. */
export async function goVersion(program: ProgramName): Promise<string | Missing> {
  try {
    const cwd = moduleFolder(sourceOf(program).module)
    return (await run('go', ['version'], { cwd })).trim()
  } catch (error) {
    const why = error instanceof CommandError ? error.stderr.trim() || error.exit : String(error)
    return { skipped: `no usable Go (${why}); ${goRemedy}` }
  }
}

/**
 * Builds to a name of its own beside the target and renames it, so that a build that was broken
 * off, or a second one at the same time, leaves no half program behind.
 */
export async function build(
  program: ProgramName,
  target: string,
  flags: readonly string[],
  say: Say,
): Promise<Missing | undefined> {
  const { module, package: path } = sourceOf(program)
  await mkdir(dirname(target), { recursive: true })
  const partial = join(dirname(target), `.${program}.${process.pid}.partial`)
  const start = performance.now()
  const elapsed = (): string => `${Math.round((performance.now() - start) / 1000)} s`
  say(`  building ${program} …`)
  const ticking = setInterval(() => {
    say(`  building ${program} … ${elapsed()}`)
  }, 30_000)
  try {
    await run('go', ['build', ...flags, '-o', partial, path], {
      cwd: moduleFolder(module),
      env: { CGO_ENABLED: '0', GOWORK: 'off' },
      seconds: 3600,
    })
    await rename(partial, target)
    say(`  built ${program} in ${elapsed()}`)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const skipped = `${program} could not be built after ${elapsed()}: ${why.trim()}`
    if (!isUnreachable(why)) return { skipped, broken: true }
    return {
      skipped: `${skipped}\nRemedy: let Go reach its module proxy (see go env GOPROXY), or set KUBEBUILDER_ASSETS to a folder with the programs`,
    }
  } finally {
    clearInterval(ticking)
    await rm(partial, { force: true })
  }
}

/** Whether a failed build says that modules could not be fetched, not that code is wrong. */
export function isUnreachable(failure: string): boolean {
  return /dial tcp|i\/o timeout|TLS handshake|module lookup disabled|no space left/.test(failure)
}
