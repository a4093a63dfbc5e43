import { describe, expect, test, vi } from 'vitest'

import { openTerminal, type ExitCode } from '../../cli/output.ts'
import { run } from '../../cli/program.ts'
import { startProgress, withStatus } from '../../cli/progress.ts'
import { recordSample } from '../sidecar/recording/sample.ts'
import { frostgate } from './frostgate.ts'

const commands = [
  'verify',
  'replay',
  'why',
  'pending',
  'approve',
  'deny',
  'token',
  'facts',
  'doctor',
  'status',
]

describe('help and usage', () => {
  test('--help names every command and the exit codes', async () => {
    const { code, stdout, stderr } = await frostgate(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect(stdout).toContain('Exit codes: 0')
  })

  test.each(commands)('%s --help has examples and --json', async (command) => {
    const { code, stdout } = await frostgate([command, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Examples:\n  frostgate ${command} `)
    expect(stdout).toContain('--json')
  })

  test('--version prints the version alone', async () => {
    const { code, stdout } = await frostgate(['--version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })

  test.each([
    ['nothing', [], 'Usage: frostgate'],
    ['an unknown command', ['verifi'], "unknown command 'verifi'"],
    ['an unknown option', ['verify', 'x', '--fast'], "unknown option '--fast'"],
    ['a missing argument', ['verify'], "missing required argument 'file'"],
    ['an argument too many', ['verify', 'a', 'b'], 'too many arguments'],
    ['a number that is none', ['replay', 'x', '--rows', 'many'], 'whole number'],
    ['a head that is no hash', ['verify', 'x', '--head', 'abc'], '64 hexadecimal digits'],
    ['a token for no group', ['token'], "required option '--group <name>'"],
    ['a duration without unit', ['token', '--group', 'g', '--expires-in', '5'], 'with a unit'],
    ['a file that is not there', ['verify', '/nowhere/a.jsonl'], 'there is no such file'],
    ['a folder', ['replay', '/'], 'it is a folder'],
  ])('%s is exit code 2, explained on stderr alone', async (_what, words, message) => {
    const { code, stdout, stderr } = await frostgate(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  })
})

describe('the terminal', () => {
  async function verify(isTTY: boolean, environment: Record<string, string>): Promise<string> {
    let printed = ''
    const codes: ExitCode[] = []
    const stdout = { isTTY, write: (text: string) => (printed += text) }
    const terminal = openTerminal(stdout, stdout, environment, (code) => codes.push(code))
    await run(['verify', await recordSample()], terminal)
    expect(codes).toEqual([0])
    return printed
  }

  test('colours are for terminals that want them', async () => {
    expect(await verify(true, {})).toContain('\u001b[32mVERIFIED\u001b[39m')
    expect(await verify(true, { NO_COLOR: '' })).toContain('\u001b[')
    expect(await verify(true, { NO_COLOR: '1' })).not.toContain('\u001b[')
    expect(await verify(true, { TERM: 'dumb' })).not.toContain('\u001b[')
    expect(await verify(false, {})).not.toContain('\u001b[')
  })

  test('progress shows after a second, on a terminal, and is wiped away', () => {
    let time = 0
    const drawn: string[] = []
    const terminal = { live: true, redraw: (line: string) => drawn.push(line) }
    const progress = startProgress('Reading', terminal, () => time)
    for (time = 0; time <= 1500; time += 50) progress.update(time, 2000)
    progress.stop()
    expect(drawn).toEqual(['Reading 50 %', 'Reading 60 %', 'Reading 70 %', ''])
  })

  test('work that cannot be counted shows its seconds, and is wiped away even when it fails', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    const drawn: string[] = []
    const terminal = { live: true, redraw: (line: string) => drawn.push(line) }
    const work = withStatus('Starting', terminal, () => {
      vi.advanceTimersByTime(2000)
      return Promise.reject(new Error('no'))
    })
    await expect(work).rejects.toThrow('no')
    expect(drawn).toEqual(['Starting 1 s', 'Starting 2 s', ''])
    drawn.length = 0
    expect(
      await withStatus('Starting', { ...terminal, live: false }, () => Promise.resolve(7)),
    ).toBe(7)
    expect(drawn).toEqual([])
    vi.useRealTimers()
  })

  test('progress is silent for short work, and where nobody watches', () => {
    const drawn: string[] = []
    for (const live of [true, false]) {
      let time = 0
      const redraw = (line: string) => drawn.push(line)
      const progress = startProgress('Reading', { live, redraw }, () => time)
      for (time = 0; time < (live ? 900 : 9000); time += 50) progress.update(time, 2000)
      progress.stop()
    }
    expect(drawn).toEqual([])
  })
})
