/** Attempts to tell somebody are counted, for whoever watches the operator. */

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test, vi } from 'vitest'

import { approvalDesk } from '../../../operator/approvals/desk.ts'
import { readNotifySettings } from '../../../operator/notify/settings.ts'
import { startNotifications } from '../../../operator/notify/start.ts'
import { MemoryServer } from '../approvals/memory-store.ts'
import { request, start } from './support.ts'

test('An attempt that fails and one that succeeds are told apart, by target', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'notify-'))
  await writeFile(join(folder, 'key'), `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`)
  const statuses = [500, 204]
  const receiver = createServer((_, response) => {
    response.writeHead(statuses.shift() ?? 204).end()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address() as AddressInfo
  const server = new MemoryServer(() => start)
  const store = server.store()
  const isLeader = () => true
  const now = () => start
  const desk = approvalDesk({ store, ruleOf: () => undefined, isLeader, now })
  const onTold = vi.fn()
  const text = `webhooks: [{ name: siem, url: 'http://127.0.0.1:${port}/', secretFile: ${folder}/key }]`
  const notes = startNotifications({
    ...{ settings: readNotifySettings('notify.yaml', text), desk, store, isLeader, onTold },
    now: () => new Date(start),
    onProblem: () => undefined,
  })
  try {
    server.put(request(1))
    await vi.waitFor(
      () => {
        expect(onTold.mock.calls.map(([, outcome]) => outcome as string)).toContain('sent')
      },
      { timeout: 10_000 },
    )
    const calls = onTold.mock.calls.map(([target, outcome]) => `${target} ${outcome}`)
    expect(calls.slice(0, 2)).toEqual(['siem failed', 'siem sent'])
  } finally {
    await notes.stop()
    await desk.stop()
    receiver.close()
    await rm(folder, { recursive: true })
  }
})
