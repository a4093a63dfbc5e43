/** gosnowflake, the driver for Go, pinned in go/go.mod. */

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Available, Say } from '../driver.ts'
import type { Snippet } from '../snippet.ts'
import { cachedInstall } from './install.ts'
import { sourcesIn } from './sources.ts'

const run = promisify(execFile)

const source = join(import.meta.dirname, '../go')

/** Without a C compiler, and with the toolchain that is here. */
const settings = { GOFLAGS: '-trimpath', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' }

const environment = { ...process.env, ...settings }

export async function available(say: Say): Promise<Available> {
  const pins = await readFile(join(source, 'go.mod'), 'utf8')
  const version = /^\s*github\.com\/snowflakedb\/gosnowflake\/v2 v(\S+)$/m.exec(pins)?.[1] ?? ''
  const title = `gosnowflake ${version} (Go)`
  const missing = await missingGo(/^go (\S+)$/m.exec(pins)?.[1] ?? '')
  if (missing !== undefined) return { title, skipped: missing }
  const installed = await cachedInstall({
    title,
    name: `go-${version}`,
    digestOf: await sourcesIn(source),
    install: async (folder) => {
      await run('go', ['build', '-mod=readonly', '-o', join(folder, 'client'), '.'], {
        cwd: source,
        env: environment,
        timeout: 600_000,
      })
    },
    say,
  })
  if ('broken' in installed) return installed
  return {
    title,
    language: 'go',
    refusalType: 'SnowflakeError',
    command: [join(installed.folder, 'client')],
    snippet: {
      file: join(import.meta.dirname, 'go.snippet'),
      language: 'go',
      as: 'snippet.go',
      command: await goRun(),
      // Where go.mod is.
      cwd: source,
    },
  }
}

/** `go run`, in an environment that has nothing: it finds what the build above left behind. */
async function goRun(): Promise<Snippet['command']> {
  const names = ['GOCACHE', 'GOMODCACHE', 'GOPROXY']
  const { stdout } = await run('go', ['env', ...names], { env: environment })
  const places = stdout.split('\n').slice(0, names.length)
  const words = [
    ...names.map((name, index) => `${name}=${places[index] ?? ''}`),
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ]
  return (path) => ['env', ...words, 'go', 'run', path]
}

/** What Go lacks on this machine, and how to get it. `oldest` as go.mod has it. */
async function missingGo(oldest: string): Promise<string | undefined> {
  const remedy = `Install Go ${oldest} or later (https://go.dev/dl).`
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { env: environment })
    const given = stdout.trim().replace(/^go/, '')
    return given.localeCompare(oldest, 'en', { numeric: true }) < 0
      ? `Go is ${given}. ${remedy}`
      : undefined
  } catch {
    return `go is not here. ${remedy}`
  }
}
