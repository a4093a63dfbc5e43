import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const main = resolve('cli/main.ts')
let folder: string
let children: ChildProcess[] = []

beforeEach(async () => {
  // Inside the project, so that what the snippets import is found.
  await mkdir('.cache', { recursive: true })
  folder = await mkdtemp('.cache/up-')
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  await rm(folder, { recursive: true })
})

async function up(...words: string[]) {
  return await upFrom(resolve('examples/quickstart'), ...words)
}

async function upFrom(directory: string, ...words: string[]) {
  const args = [
    main,
    'up',
    directory,
    '--port',
    '0',
    '--issuer-port',
    '0',
    '--recording',
    'r.jsonl',
    ...words,
  ]
  const child = spawn('node', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.startsWith('Ctrl-C') || line === '}') break
  }
  return { child, text: lines.join('\n') }
}

describe('frostgate up', () => {
  test('prints a token command and a Node snippet that work when pasted, and ends cleanly on Ctrl-C', async () => {
    const { child, text } = await up()
    const words = /frostgate -- (token .*) > token/.exec(text)?.[1]?.split(' ') ?? []
    const { stdout: token } = await run('node', [main, ...words], { cwd: folder })
    await writeFile(join(folder, 'token'), token)
    const snippet = text.split('Node (snowflake-sdk):')[1]?.split('Ctrl-C')[0] ?? ''
    const environment = { ...process.env, SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true' }
    const printed = await run(
      'node',
      ['--input-type=module', '-e', `${snippet}\nsetTimeout(() => process.exit(0), 4000)`],
      {
        cwd: folder,
        env: environment,
      },
    )
    expect(printed.stdout).toContain("[ { '1': 1 } ]")

    const ended = once(child, 'exit')
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    const recorded = (await readFile(join(folder, 'r.jsonl'), 'utf8')).trim().split('\n')
    expect(recorded.at(-1)).toContain('"gateway.stopped"')
    expect((await run('node', [main, 'verify', 'r.jsonl'], { cwd: folder })).stdout).toMatch(
      /verif/i,
    )
  }, 60_000)

  test('prints its addresses as JSON for scripts', async () => {
    const { text } = await up('--json')
    expect(JSON.parse(text)).toMatchObject({
      connection: 'quickstart',
      gateway: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      issuer: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      recording: 'r.jsonl',
    })
  }, 60_000)

  test('reads its folder again on SIGHUP: says what changed, and keeps the earlier where it is wrong', async () => {
    const directory = join(folder, 'policies')
    await cp(resolve('examples/quickstart'), directory, { recursive: true })
    const { child } = await upFrom(resolve(directory), '--json')
    const said = createInterface(child.stderr)[Symbol.asyncIterator]()
    const again = async (): Promise<string> => {
      child.kill('SIGHUP')
      const line = await said.next()
      return String(line.value)
    }
    expect(await again()).toMatch(/^Read again: nothing changed\./)
    const file = join(directory, 'masking.yaml')
    const masking = await readFile(file, 'utf8')
    await writeFile(file, masking.replace('keepLast: 4', 'keepLast: 2'))
    expect(await again()).toMatch(/^Read again: MaskingRule ssn changed\. Bundle sha256:/)
    await writeFile(file, masking.replace('keepLast: 4', 'keepLast: four'))
    expect(await again()).toMatch(/^Not applied: .* so the earlier one stays/)
    const recorded = await readFile(join(folder, 'r.jsonl'), 'utf8')
    expect(recorded.match(/"type":"bundle\.applied"/g)).toHaveLength(1)
  }, 60_000)

  test('lists every problem of the folder with file, line and field, and starts nothing', async () => {
    await writeFile(
      join(folder, 'policy.yaml'),
      'apiVersion: frostgate.dev/v1alpha1\nkind: AgentPolicy\nmetadata: { name: p }\nspec:\n  connectionRef: { name: none }\n  subjects: [{ provider: x, groups: [a] }]\n  rules:\n    - { name: r, statements: [Qery], action: Allow }\n',
    )
    const failing = run('node', [main, 'up', '.', '--port', '0'], { cwd: folder })
    await expect(failing).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /policy\.yaml:8:\d+ .*spec\.rules\[0\]\.statements\[0\]/,
      ) as string,
    })
  }, 30_000)

  test('says which port is taken and what to do', async () => {
    const { text } = await up('--json')
    const port = new URL((JSON.parse(text) as { gateway: string }).gateway).port
    const args = [
      main,
      'up',
      resolve('examples/quickstart'),
      '--port',
      port,
      '--issuer-port',
      '0',
      '--recording',
      'other.jsonl',
    ]
    await expect(run('node', args, { cwd: folder })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`Port ${port} .*--port`)) as string,
    })
  }, 60_000)

  test.each([
    ['a folder', '.', /The recording \. cannot be written: it is a folder\. .*--recording/],
    ['below a file', 'file/r.jsonl', /its folder is a file\. .*--recording/],
  ])(
    'says why a recording that is %s cannot be written',
    async (_what, recording, message) => {
      await writeFile(join(folder, 'file'), '')
      const words = ['--port', '0', '--issuer-port', '0', '--recording', recording]
      const failing = run('node', [main, 'up', resolve('examples/quickstart'), ...words], {
        cwd: folder,
      })
      await expect(failing).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(message) as string,
      })
    },
    60_000,
  )
})
