/** examples/compose: the file is sound, and its commands, run as processes, govern an agent. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { programNames } from '../../../build/programs.ts'
import { version } from '../../../sidecar/version.ts'
import { composeFolder, readCompose } from './file.ts'
import { ComposeProcesses } from './processes.ts'

const text = readFileSync(join(composeFolder, 'compose.yaml'), 'utf8')

describe('compose.yaml', () => {
  test('names images that are built, by the version of the package', () => {
    for (const { image } of Object.values(readCompose().services)) {
      const [, program, tag] = /^ghcr\.io\/frostgate\/(.+):(.+)$/.exec(image) ?? []
      expect(programNames).toContain(program)
      expect(tag).toBe(version)
    }
  })

  test('publishes no port, and gives the agent neither key nor policies', () => {
    expect(text).not.toMatch(/^\s+ports:/m)
    expect(readCompose().services['agent']?.volumes).toEqual(['tokens:/var/run/tokens:ro'])
  })

  test.each([
    ['a key that is misspelt', /healthcheck:/, 'health_check:', /health_check/],
    ['a volume that is not declared', / {6}- tokens:/, '      - other:', /other is not declared/],
    ['a service that is not there', /service:issuer/, 'service:gone', /no service gone/],
    ['a service with its capabilities', /\n {2}cap_drop: \[ALL\]/, '', /cap_drop/],
    ['an image without a version', /:0\.1\.0/, ':latest', /pattern/],
  ])('is refused with %s', (_, from, to, told) => {
    expect(() => readCompose(text.replace(from, to))).toThrow(told)
  })
})

describe('The services of compose.yaml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'frostgate-compose-'))
  let services: ComposeProcesses

  beforeAll(async () => {
    services = await ComposeProcesses.create(readCompose(), folder, ['8085', '8089', '8443'])
  })

  afterAll(async () => {
    await services.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  // Eight processes one after another, on a machine that may have other work.
  test('give an unchanged driver masked rows and a refusal', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await services.run('agent')
    expect(code, stderr + stdout).toBe(0)
    const [rows, refusal] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(rows).toMatchObject({ columns: ['ID', 'NAME', 'SSN'], total: 3 })
    for (const { SSN } of rows?.['rows'] as readonly { readonly SSN: string }[])
      expect(SSN).toMatch(/^\*+\d{4}$/)
    expect(refusal).toMatchObject({
      error: { message: expect.stringContaining('Ask #data-platform') as string },
    })
  })

  test('record what happened, verifiably', async () => {
    const recording = services.path('gateway', '/var/lib/frostgate/recording.jsonl')
    expect(readFileSync(recording, 'utf8')).toContain('DROP TABLE')
    const main = join(composeFolder, '../../cli/main.ts')
    await expect(
      promisify(execFile)(process.execPath, [main, 'verify', recording]),
    ).resolves.toBeDefined()
  })
})
