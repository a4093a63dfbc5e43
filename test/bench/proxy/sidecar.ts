/** The sidecar as its image runs it: one bundled file, the image's options of Node, a process of its own. */

import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { compileDirectory } from '../../../operator/compile/directory.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { bundle } from '../../../build/bundle.ts'
import { startMeasured, type Measured } from '../processes.ts'

const root = join(import.meta.dirname, '../../..')

/** What the image sets; the injected container sets the same, its heap by the memory limit. */
export function imageEnvironment(): Readonly<Record<string, string>> {
  const dockerfile = readFileSync(join(root, 'build/sidecar.Dockerfile'), 'utf8')
  const options = /NODE_OPTIONS="([^"]+)"/.exec(dockerfile)?.[1]
  if (options === undefined) throw new Error('build/sidecar.Dockerfile sets no NODE_OPTIONS')
  return { NODE_ENV: 'production', NODE_OPTIONS: options }
}

/** The sidecar's program in `folder`; FROSTGATE_BENCH_SIDECAR names another build of it. */
export async function sidecarProgram(folder: string): Promise<string> {
  return process.env['FROSTGATE_BENCH_SIDECAR'] ?? join(await bundle('sidecar', folder), 'main.mjs')
}

export interface Surroundings {
  readonly folder: string
  readonly upstream: string
  readonly issuer: string
}

/** Files of a connection: the quick start's, with no limit of statements, at this upstream. */
export async function settingsOf(at: Surroundings): Promise<Readonly<Record<string, string>>> {
  const compiled = await compileDirectory(join(root, 'examples/quickstart'))
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const { connection, policies } = compiled.bundle
  const sealed = sealBundle({
    ...compiled.bundle,
    connection: {
      ...connection,
      url: at.upstream,
      identityProviders: connection.identityProviders.map((provider) => ({
        ...provider,
        issuer: at.issuer,
      })),
    },
    // The load is far above any agent's.
    policies: policies.map((policy) => ({
      ...policy,
      limits: {
        ...policy.limits,
        statementsPerMinute: undefined,
        concurrentStatements: undefined,
        rowsPerHour: undefined,
        rowsPerStatement: undefined,
        bytesPerStatement: undefined,
      },
    })),
  })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const files = { bundle: join(at.folder, 'bundle.json'), key: join(at.folder, 'key.pem') }
  await writeFile(files.bundle, JSON.stringify(sealed))
  await writeFile(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return {
    FROSTGATE_BUNDLE: files.bundle,
    FROSTGATE_PRIVATE_KEY_FILE: files.key,
    FROSTGATE_PORT: '0',
  }
}

/** Its recording is on disk. `name` tells several of one run apart. */
export async function startSidecar(
  program: string,
  settings: Readonly<Record<string, string>>,
  { folder, name = 'recording', words = [] }: SidecarOptions,
): Promise<Measured> {
  return await startMeasured(
    [...words, program],
    { ...imageEnvironment(), ...settings, FROSTGATE_RECORDING: join(folder, `${name}.jsonl`) },
    (line) => /"url":"(http:[^"]+)"/.exec(line)?.[1],
  )
}

interface SidecarOptions {
  readonly folder: string
  readonly name?: string
  /** Before the program: options of Node. */
  readonly words?: readonly string[]
}
