/** docs/getting-started.md, command by command, as a newcomer would type them. */

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import { repository } from '../images.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster

interface Section {
  readonly title: string
  readonly commands: string
}

/** The fenced `sh` blocks, each under its heading. */
function sections(markdown: string): readonly Section[] {
  let title = ''
  const found: Section[] = []
  for (const [, heading, commands] of markdown.matchAll(/^## (.+)$|^```sh\n([\s\S]*?)^```$/gm)) {
    if (heading !== undefined) title = heading
    else if (commands !== undefined) found.push({ title, commands })
  }
  return found
}

const page = sections(readFileSync(join(repository, 'docs', 'getting-started.md'), 'utf8'))
let folder = ''

/** A fresh folder with what a checkout holds, so that keys are made outside of the tree. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'getting-started-'))
  await symlink(join(repository, 'charts'), join(folder, 'charts'))
  await cp(join(repository, 'examples', 'ci-runner'), join(folder, 'examples', 'ci-runner'), {
    recursive: true,
  })
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function run(commands: string): Promise<{ readonly code: number | null; readonly text: string }> {
  const helm = 'path' in facts.helmFinding ? [dirname(facts.helmFinding.path)] : []
  const PATH = [...helm, dirname(facts.kubectlPath), process.env['PATH'] ?? ''].join(delimiter)
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: folder,
    env: { ...process.env, PATH, KUBECONFIG: facts.kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  return new Promise((resolve) => {
    shell.on('close', (code) => {
      resolve({ code, text })
    })
  })
}

function step(title: string): Section {
  const found = page.find((each) => each.title === title)
  if (found === undefined) throw new Error(`the page has no section "${title}" with commands`)
  return found
}

async function succeed(title: string): Promise<string> {
  const { code, text } = await run(step(title).commands)
  expect(code, text).toBe(0)
  return text
}

describe.runIf(facts.part === 'node' && 'path' in facts.helmFinding)(
  'docs/getting-started.md',
  () => {
    test('installs the chart', async () => {
      await succeed('1. Install')
    })

    test('makes keys and starts the stand-in', async () => {
      await succeed('2. Keys')
      await succeed('3. The stand-in for Snowflake')
    })

    test('gets the connection ready with three resources', async () => {
      const text = await succeed('4. Three resources')
      expect(text).toMatch(/acme .*True/)
    })

    test('shows the first masked rows and the first refusal to an unchanged driver', async () => {
      const text = await succeed('5. One annotation')
      const [rows, refusal] = text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(rows).toMatchObject({ columns: ['ID', 'NAME', 'SSN'], total: 3 })
      for (const row of rows?.['rows'] as readonly { readonly SSN: string }[])
        expect(row.SSN).toMatch(/^\*+\d{4}$/)
      expect(refusal).toMatchObject({
        error: { message: expect.stringContaining('Ask #data-platform') as string },
      })
    })

    test('keeps the credential out of the runner’s namespace', async () => {
      const secrets = await kubectl.list('secrets', 'ci')
      expect(secrets.map(({ metadata }) => metadata.name)).toEqual([])
    })

    test('tells in Events and status what happened', async () => {
      const text = await succeed('What happened')
      expect(text).toMatch(/Injected/)
    })

    test('leaves nothing but the definitions', async () => {
      await succeed('Clean up')
      const left = await kubectl.run(['get', 'mutatingwebhookconfigurations', '-o', 'name'])
      expect(left).not.toContain('frostgate')
      expect(await kubectl.run(['get', 'crd', '-o', 'name'])).toContain('frostgate.dev')
    })
  },
)
