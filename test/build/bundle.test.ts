/** Bundles: what is in images runs alone, from a folder that it cannot write, with nothing beside it. */

import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bundle } from '../../build/bundle.ts'
import { bundledPackages, licencesOf } from '../../build/licences.ts'
import { programs, type ProgramName } from '../../build/programs.ts'
import { version } from '../../sidecar/version.ts'
import { GatewayClient } from '../support/client.ts'
import { eventually, startWorld, type World } from '../support/gateway.ts'
import { startSidecar } from '../support/sidecar-process.ts'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-bundle-'))
  for (const name of Object.keys(programs) as ProgramName[]) await bundle(name, folder)
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Node that may read the bundle's own folder, and nothing else. */
function confined(name: ProgramName): readonly string[] {
  return ['--permission', `--allow-fs-read=${join(folder, name)}`, join(folder, name, 'main.mjs')]
}

async function run(
  args: readonly string[],
): Promise<{ readonly code: number; readonly text: string }> {
  try {
    const env = { PATH: process.env['PATH'] ?? '' }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args], {
      cwd: folder,
      env,
      timeout: 60_000,
    })
    return { code: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: stdout + stderr }
  }
}

/**
 * As a container: the whole file system read-only but for one folder, user 65532, no capability and
 * none to be had. Node's own permissions would do for less: with them it refuses fchmod to everyone.
 */
function contained(name: ProgramName, writable: string): readonly [string, ...(readonly string[])] {
  const script = [
    'mount --bind "$1" "$1"',
    'mount -o remount,bind,ro /',
    'shift',
    'exec setpriv --reuid=65532 --regid=65532 --clear-groups --bounding-set=-all --no-new-privs "$@"',
  ].join(' && ')
  const shell = ['sh', '-c', script, 'sh', writable] as const
  const program = [process.execPath, join(folder, name, 'main.mjs')] as const
  return ['unshare', '--mount', '--propagation', 'private', ...shell, ...program]
}

/** Mounts are root's, and Linux's. */
const containable = process.platform === 'linux' && process.getuid?.() === 0

describe('The sidecar’s bundle', () => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({ seed: { patients: 5, orders: 5 } })
  })
  afterAll(() => world.close())

  if (!containable) test.skip('SKIPPED: needs root on Linux, to make a root that is read-only')

  test.runIf(containable)(
    'serves, records and ends cleanly on a read-only root',
    { timeout: 60_000 },
    async () => {
      const volume = join(folder, 'volume')
      await mkdir(volume)
      await writeFile(join(volume, 'bundle.json'), JSON.stringify(world.bundle))
      const key = world.privateKey.export({ type: 'pkcs8', format: 'pem' })
      await writeFile(join(volume, 'key.pem'), key)
      await chmod(folder, 0o755)
      for (const each of ['', 'bundle.json', 'key.pem'])
        await chown(join(volume, each), 65532, 65532)
      const sidecar = startSidecar(
        {
          FROSTGATE_BUNDLE: join(volume, 'bundle.json'),
          FROSTGATE_PRIVATE_KEY_FILE: join(volume, 'key.pem'),
          FROSTGATE_RECORDING: join(volume, 'recording.jsonl'),
          NODE_OPTIONS: '--max-semi-space-size=8 --max-old-space-size=192',
        },
        contained('sidecar', volume),
      )
      await eventually(async () => (await sidecar.health('/startup')).status === 200, 30_000)
      const session = await new GatewayClient(await sidecar.url()).open(await world.mint())
      const answer = await session.query('SELECT ssn FROM health.phi.patients LIMIT 1')
      expect(answer).toMatchObject({ success: true })
      sidecar.signal('SIGTERM')
      expect(await sidecar.ended).toBe(0)
      expect(await readdir(volume)).toContain('recording.jsonl')
    },
  )
})

describe('Bundles', () => {
  test('of the operator read their definitions, and name the setting that lacks', async () => {
    const { code, text } = await run(confined('operator'))
    expect(code).toBe(2)
    expect(text).toContain('FROSTGATE_NAMESPACE is not set')
  })

  test('of the command line tell the version, and load what a command needs', async () => {
    expect((await run([...confined('cli'), '--version'])).text.trim()).toBe(version)
    const nothing = await run([...confined('cli'), 'facts', '--sql', 'SELECT 1'])
    expect(nothing.text).not.toMatch(/Cannot find|restricted/)
  })

  test('of the examples start', async () => {
    const { text } = await run([...confined('example-issuer'), '--help'])
    expect(text).toContain('--token-file')
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const warehouse = await run([join(folder, 'example-warehouse/main.mjs'), '--help'])
    expect(warehouse.text).toContain('--public-key')
  })

  test('hold the licences of what is in them, and source maps without sources', async () => {
    const licences = await readFile(join(folder, 'operator/THIRD-PARTY-LICENCES.txt'), 'utf8')
    for (const name of ['@kubernetes/client-node', 'jose', 'undici', '@peculiar/x509'])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
    const map = await readFile(join(folder, 'sidecar/main.mjs.map'), 'utf8')
    expect(JSON.parse(map)).not.toHaveProperty('sourcesContent')
  })

  test('of the sidecar hold neither Kubernetes’ client nor anything of the operator', async () => {
    const licences = await readFile(join(folder, 'sidecar/THIRD-PARTY-LICENCES.txt'), 'utf8')
    expect(licences).not.toContain('@kubernetes/client-node')
    const map = JSON.parse(await readFile(join(folder, 'sidecar/main.mjs.map'), 'utf8')) as {
      readonly sources: readonly string[]
    }
    expect(map.sources.filter((source) => /(^|\/)(operator|cli)\//.test(source))).toEqual([])
  })

  test('name exact versions of what the image installs', async () => {
    const { dependencies } = JSON.parse(
      await readFile(join(folder, 'example-warehouse/package.json'), 'utf8'),
    ) as { readonly dependencies: Readonly<Record<string, string>> }
    expect(Object.keys(dependencies)).toEqual([...programs['example-warehouse'].external])
    for (const wanted of Object.values(dependencies)) expect(wanted).toMatch(/^\d+\.\d+\.\d+/)
  })
})

describe('Licences', () => {
  test('count a package only where its code is used', () => {
    const bytes = (bytesInOutput: number) => ({ bytesInOutput })
    const inputs = {
      'node_modules/a/x.js': bytes(1),
      'node_modules/@b/c/y.js': bytes(2),
      'node_modules/d/node_modules/e/z.js': bytes(3),
      'node_modules/unused/x.js': bytes(0),
      'sidecar/main.ts': bytes(4),
    }
    const output = { bytes: 1, inputs, imports: [], exports: [] }
    expect(bundledPackages({ inputs: {}, outputs: { 'main.mjs': output } })).toEqual([
      'node_modules/@b/c',
      'node_modules/a',
      'node_modules/d/node_modules/e',
    ])
  })

  test('that are missing stop the bundle', async () => {
    await mkdir(join(folder, 'bare'))
    await writeFile(join(folder, 'bare/package.json'), '{"name":"bare"}')
    await expect(licencesOf(folder, ['bare'])).rejects.toThrow('no licence')
  })
})
