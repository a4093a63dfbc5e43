import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { offerSwitch, remoteSwitch } from '../cluster/api-server-switch.ts'
import { run } from '../cluster/command.ts'
import { startDaemon, type DaemonOptions } from '../cluster/daemon.ts'
import { helmFor } from '../cluster/helm.ts'
import { freePorts } from '../cluster/ports.ts'
import { waitUntil } from '../cluster/wait.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-harness-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('a command', () => {
  test('gives what it printed, and reads its input', async () => {
    const echo = 'process.stdin.pipe(process.stdout)'
    expect(await run(process.execPath, ['-e', echo], { input: 'hello' })).toBe('hello')
  })

  test('that fails shows command, exit code and stderr', async () => {
    const failing = 'console.error("no such thing"); process.exit(3)'
    await expect(run(process.execPath, ['-e', failing])).rejects.toThrow(
      /-e console\.error.*: exit code 3\nno such thing$/,
    )
  })

  test('that hangs is ended', async () => {
    const hanging = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { seconds: 0.5 })
    await expect(hanging).rejects.toThrow('ended by SIGKILL (time limit 0.5 s)')
  })

  test('that is not there says so', async () => {
    await expect(run('frostgate-no-such-program', ['x'])).rejects.toThrow('could not be started')
  })
})

describe('waiting', () => {
  const quickly = { seconds: 0.1, everyMilliseconds: 10 }

  test('gives the state that holds, over reads that fail', async () => {
    let reads = 0
    const read = (): number => {
      reads += 1
      if (reads === 1) throw new Error('not yet')
      return reads
    }
    expect(await waitUntil('three', read, (n) => n === 3, quickly)).toBe(3)
  })

  test('in vain names what was awaited and the last state seen', async () => {
    const read = (): object => ({ phase: 'Pending' })
    await expect(waitUntil('the pod', read, () => false, quickly)).rejects.toThrow(
      /Waited 0\.1 s for the pod\. Last seen: \{\s*"phase": "Pending"\s*\}/,
    )
  })

  test('ends early where there is no point', async () => {
    const hopeless = (): string => 'it ended'
    const waiting = waitUntil(
      'it',
      () => 1,
      () => false,
      { seconds: 30, hopeless },
    )
    await expect(waiting).rejects.toThrow('Waited for it: it ended')
  })
})

describe('a long-running program', () => {
  const daemon = (name: string, script: string, options: Partial<DaemonOptions> = {}) =>
    startDaemon({
      name,
      program: process.execPath,
      args: ['-e', script],
      logFolder: folder,
      ...options,
    })

  test('that ends before it is ready shows the end of its log', async () => {
    const early = await daemon('early', 'console.error("port taken"); process.exit(4)')
    await expect(early.ready('early', () => Promise.resolve(false))).rejects.toThrow(
      /early ended: exit code 4\nThe end of .*early\.log:\nport taken/,
    )
  })

  test('is stopped by SIGTERM, and by SIGKILL where it does not listen', async () => {
    const polite = await daemon('polite', 'console.log("up"); setInterval(() => {}, 1000)')
    const deaf = await daemon(
      'deaf',
      'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)',
      { graceSeconds: 0.2 },
    )
    for (const one of [polite, deaf]) {
      await one.ready('its first word', async () => (await run('cat', [one.log])) === 'up\n')
      expect(one.ended()).toBeUndefined()
      await one.stop()
    }
    expect([polite.ended(), deaf.ended()]).toEqual(['SIGTERM', 'SIGKILL'])
  })

  test('is not left behind by a test process that is killed', async () => {
    const module = new URL('../cluster/daemon.ts', import.meta.url).href
    const parent = `
      import { startDaemon } from ${JSON.stringify(module)}
      const args = ['-e', 'setInterval(() => {}, 1000)']
      const { pid } = await startDaemon({ name: 'orphan', program: process.execPath, args, logFolder: ${JSON.stringify(folder)} })
      process.stdout.write(String(pid), () => process.kill(process.pid, 'SIGKILL'))`
    const script = `"$0" --input-type=module -e "$1"; true`
    const pid = Number(await run('sh', ['-c', script, process.execPath, parent]))
    expect(pid).toBeGreaterThan(1)
    const alive = (): boolean => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    await waitUntil('the orphan to end', alive, (lives) => !lives, { seconds: 5 })
  })
})

describe('the switch of the API server', () => {
  test('carries stop and start to the process that holds it, and failures back', async () => {
    const calls: string[] = []
    const end = await offerSwitch(folder, {
      stop: () => {
        calls.push('stop')
        return Promise.resolve()
      },
      start: () => Promise.reject(new Error('port taken')),
    })
    try {
      const remote = remoteSwitch(folder)
      await remote.stop()
      await expect(remote.start()).rejects.toThrow('API server start: port taken')
      expect(calls).toEqual(['stop'])
    } finally {
      await end()
    }
  })
})

test('free ports are different ones', async () => {
  const ports = await freePorts(8)
  expect(new Set(ports).size).toBe(8)
})

test('helm that is missing fails with the remedy', async () => {
  const helm = helmFor({ skipped: 'no helm; put helm 4 on PATH' }, folder)
  await expect(helm.run(['version'])).rejects.toThrow('put helm 4 on PATH')
})
