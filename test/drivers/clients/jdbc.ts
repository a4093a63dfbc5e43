/** snowflake-jdbc, the driver for Java, pinned in java/pom.xml and built by Maven. */

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { ofJdbc } from '../checks/jdbc.ts'
import type { Available, Say } from '../driver.ts'
import { cachedInstall } from './install.ts'
import { sourcesIn } from './sources.ts'

const run = promisify(execFile)

const source = join(import.meta.dirname, '../java')

const remedy =
  'Install a JDK, 17 or later, and Maven (Debian: apt install openjdk-17-jdk-headless maven).'

/** Heap enough for 100,000 rows, and no more; times without zone stand as UTC. */
const jvm = [
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-Duser.timezone=UTC',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
]

export async function available(say: Say): Promise<Available> {
  const pom = await readFile(join(source, 'pom.xml'), 'utf8')
  const version = /<artifactId>snowflake-jdbc<\/artifactId>\s*<version>(.+)<\/version>/.exec(
    pom,
  )?.[1]
  const title = `snowflake-jdbc ${version ?? ''} (Java)`
  const missing = await missingJava()
  if (missing !== undefined) return { title, skipped: missing }
  const installed = await cachedInstall({
    title,
    name: `jdbc-${version ?? ''}`,
    digestOf: await sourcesIn(source),
    install: build,
    say,
  })
  if ('broken' in installed) return installed
  const { folder } = installed
  return {
    title,
    language: 'java',
    refusalType: 'SnowflakeSQLException',
    command: [
      'java',
      ...jvm,
      '-classpath',
      `${join(folder, 'classes')}:${join(folder, 'lib')}/*`,
      'client.Main',
    ],
    checks: ofJdbc,
    snippet: {
      file: join(import.meta.dirname, 'jdbc.snippet'),
      language: 'java',
      as: 'Snippet.java',
      command: (path) => ['java', ...jvm, '-classpath', `${join(folder, 'lib')}/*`, path],
    },
  }
}

/** Fills `folder` with classes/ and lib/: the classes of the client, and every jar it needs. */
async function build(folder: string): Promise<void> {
  const words = ['--quiet', '--batch-mode', '--file', join(source, 'pom.xml')]
  await run(
    'mvn',
    [...words, `-Dfolder=${folder}`, 'compiler:compile', 'dependency:copy-dependencies'],
    {
      timeout: 600_000,
      maxBuffer: 16 * 1024 * 1024,
    },
  ).catch((error: unknown) => {
    // Maven prints its errors to stdout.
    const { stdout } = error as { stdout?: string }
    throw new Error(stdout === undefined || stdout === '' ? String(error) : stdout)
  })
}

/** What Java lacks on this machine, and how to get it. */
async function missingJava(): Promise<string | undefined> {
  try {
    const { stdout } = await run('javac', ['-version'])
    const major = Number(/^javac (\d+)/.exec(stdout)?.[1])
    if (!(major >= 17)) return `the JDK is ${stdout.trim()}, not 17 or later. ${remedy}`
  } catch {
    return `no JDK is here. ${remedy}`
  }
  try {
    await run('mvn', ['--version'])
  } catch {
    return `mvn is not here. ${remedy}`
  }
  return undefined
}
