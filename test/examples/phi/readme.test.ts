/** Types the commands of examples/phi/README.md as a person does, each with its own terminal. */

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, rm, mkdtemp, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const run = promisify(execFile)
const page = await readFile('examples/phi/README.md', 'utf8')
const blocks = [...page.matchAll(/^```\n(.*?)^```$/gms)].map(([, block = '']) => block)

let home: string
let up: ChildProcess
let gateway: URL
let issuer: string

/** The block that begins so, its lines whole. */
function block(start: string): readonly string[] {
  const found = blocks.find((each) => each.startsWith(`npm run -s frostgate -- ${start}`))
  if (found === undefined) throw new Error(`the page has no block of ${start}`)
  return found.replaceAll('\\\n', ' ').trim().split('\n')
}

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    FROSTGATE_ISSUER: issuer,
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
  }
}

/** As a shell would, from a folder that is like this project's. */
function shell(line: string) {
  const typed = line
    .replace('npm run -s frostgate --', `node ${resolve('cli/main.ts')}`)
    .replace('SNOWFLAKE_PORT=8085', `SNOWFLAKE_PORT=${gateway.port}`)
  return run('sh', ['-c', typed], { cwd: home, env: environment(), maxBuffer: 1 << 24 })
}

beforeAll(async () => {
  // Inside the project, so that the agent finds its driver.
  await mkdir('.cache', { recursive: true })
  home = resolve(await mkdtemp('.cache/phi-'))
  await mkdir(join(home, 'examples'))
  await cp('examples/phi', join(home, 'examples/phi'), { recursive: true })
  await symlink(resolve('examples/quickstart'), join(home, 'examples/quickstart'))
  await rm(join(home, 'examples/phi/approvers.yaml'), { force: true })
  gateway = new URL('http://127.0.0.1:8085')
  issuer = ''
  const [init = '', start = ''] = block('approver init')
  await shell(init)
  const words = start.replace('npm run -s frostgate -- ', '').split(' ')
  const main = resolve('cli/main.ts')
  const args = [main, ...words, '--port', '0', '--issuer-port', '0', '--json']
  up = spawn('node', args, { cwd: home, env: environment(), stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  for await (const line of createInterface(up.stdout ?? process.stdin)) {
    lines.push(line)
    if (line === '}') break
  }
  const told = JSON.parse(lines.join('\n')) as { gateway: string; issuer: string }
  gateway = new URL(told.gateway)
  issuer = told.issuer
}, 60_000)

afterAll(async () => {
  up.kill('SIGKILL')
  await rm(home, { recursive: true, force: true })
})

test('what the page says happens, from the agent to the auditor', async () => {
  const [token = '', ask = ''] = block('token')
  await shell(token)
  const asked = shell(ask)
  const [list = '', show = '', approve = ''] = block('pending')
  const request = await vi.waitFor(
    async () => {
      const { stdout } = await shell(list)
      const [name] = /\b[0-9a-f]{16}\b/.exec(stdout) ?? []
      if (name === undefined) throw new Error(`nothing waits: ${stdout}`)
      return name
    },
    { timeout: 40_000, interval: 200 },
  )
  const shown = (await shell(show.replace('REQUEST', request))).stdout
  expect(shown).toContain('agent-7')
  expect(shown).toMatch(/notes/i)
  const approved = await shell(approve.replace('REQUEST', request))
  expect(approved.stdout).toMatch(/count/i)

  const { stdout } = await asked
  const answer = JSON.parse(stdout) as { rows: readonly { SSN: string; NOTES: string }[] }
  expect(answer.rows).toHaveLength(1)
  expect(answer.rows[0]?.SSN).toMatch(/^\*{7}\d{4}$/)
  expect(answer.rows[0]?.NOTES).not.toMatch(/^\**$/)

  const exited = once(up, 'exit')
  up.kill('SIGTERM')
  await exited
  const [verify = '', replay = '', why = ''] = block('verify')
  expect((await shell(verify)).stdout).toMatch(/intact|unbroken|verif/i)
  const timeline = (await shell(replay)).stdout
  expect(timeline).toContain('ann')
  expect(timeline).toContain('For the readmission study.')
  const story = (await shell(why.replace('REQUEST', request))).stdout
  expect(story).toContain('clinical-columns')
  expect(story).toContain('ann')
  expect(`${timeline}${story}`).not.toMatch(/\b9\d\d-\d\d-\d{4}\b/)
}, 120_000)

test('a key that is made again is refused, and stays as it was', async () => {
  const key = join(home, '.config/frostgate/approver.json')
  const before = await readFile(key, 'utf8')
  const args = [resolve('cli/main.ts'), 'approver', 'init', '--name', 'ann', '--group', 'dba']
  const again = spawn('node', args, { env: environment(), cwd: home })
  const [said, exit] = await Promise.all([text(again.stderr), once(again, 'exit')])
  const code: unknown = exit[0]
  expect(code).toBe(2)
  expect(said).toContain('There is a key already')
  expect(await readFile(key, 'utf8')).toBe(before)
}, 60_000)
