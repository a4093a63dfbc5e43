import { createServer, type AddressInfo, type Server } from 'node:net'

import { afterEach, expect, test } from 'vitest'

import { captureProxy, type CaptureProxy } from './capture-proxy.ts'
import { httpMessages } from './http-messages.ts'

let server: Server | undefined
let proxy: CaptureProxy | undefined

afterEach(async () => {
  await proxy?.close()
  server?.close()
})

/** Answers a request with its own address, in two pieces cut inside that address. */
async function serve(): Promise<string> {
  let own = ''
  server = createServer((socket) => {
    socket.once('data', () => {
      const head = `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${own.length + 2}\r\n\r\n`
      socket.write(`${head}<${own.slice(0, 12)}`)
      setTimeout(() => socket.end(`${own.slice(12)}>`), 20)
    })
  })
  const started = server
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  own = `http://127.0.0.1:${(started.address() as AddressInfo).port}`
  return own
}

test('A capturing proxy keeps both ways, and puts its own address in place of the one behind it', async () => {
  const target = await serve()
  proxy = await captureProxy({ target, readdress: (own) => new Map([[target, own]]) })
  const answer = await (await fetch(`${proxy.url}/path`)).text()
  expect(answer).toBe(`<${proxy.url}>`)
  const [conversation] = proxy.conversations()
  expect(conversation?.sent.toString('latin1')).toContain('GET /path HTTP/1.1')
  expect(httpMessages(conversation?.received ?? Buffer.alloc(0))[0]?.body.toString()).toBe(answer)
})
