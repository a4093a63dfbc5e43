import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { unreachable } from '../../../sidecar/control/broker-error.ts'
import { makeLeaf } from '../../../operator/certs/certificate.ts'
import { makeGeneration } from '../../../operator/certs/material.ts'

test('a pod whose certificates are older than the operator’s is told to be made anew', async () => {
  const [from, until] = [Date.now(), Date.now() + 3_600_000]
  const [now, before] = [
    await makeGeneration('issuing', from, until - from),
    await makeGeneration('issuing', from, until - from),
  ]
  const { key, certificate } = await makeLeaf(now, ['broker.test'], { from, until })
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const server = createServer({ key: pem, cert: certificate })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const failed = await new Promise<unknown>((resolve) => {
    const to = { host: '127.0.0.1', port, servername: 'broker.test', ca: before.certificate }
    request(to).on('error', resolve).end()
  })
  server.close()
  expect(unreachable('https://broker.test', failed)).toMatchObject({
    message: expect.stringContaining('delete the pod') as string,
    transient: true,
  })
})

test('of another failure nothing more is said than what it is', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  expect(unreachable('https://broker.test', refused).message).toBe(
    'the operator at https://broker.test could not be reached (connect, ECONNREFUSED)',
  )
})
