/** Connections that the gateway opens, and those it leaves when clients go away. */

import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'

import { benchClient } from '../client.ts'
import { say, type World } from './world.ts'

interface Counts {
  readonly connections: number
  readonly open: number
  readonly requests: number
  readonly active: number
}

type Both = Readonly<Record<'control' | 'store', Counts>>

const aborts = 40

export async function connections(world: World): Promise<void> {
  const gateway = await world.sidecar('connections')
  const token = await world.session(gateway)
  // Each question brings a connection of its own.
  const counts = async (): Promise<Both> =>
    (await (
      await fetch(`${world.upstream.url}/bench/counts`, { headers: { connection: 'close' } })
    ).json()) as Both
  const before = await counts()
  const client = benchClient(gateway.url, token, ['SELECT 1'])
  await client.run(5_000)
  await client.close()
  const after = await counts()
  const opened = after.control.connections - before.control.connections - 1
  const asked = after.control.requests - before.control.requests - 1
  say(`\nUpstream connections / requests: ${opened} / ${asked} = ${(opened / asked).toFixed(4)}`)

  await Promise.all(Array.from({ length: aborts }, () => abandon(gateway.url, token)))
  await pause()
  const control = await counts()
  say(
    `After ${aborts} clients went away, 1.5 s later, at the control side: ${control.control.active - 1} requests still under way, ${control.control.open - 1} idle connections of the pool (of 64 at most)`,
  )
  const chunks = await chunksOf(gateway.url, token)
  await Promise.all(
    Array.from({ length: aborts }, (_, index) => abandonChunk(chunks, index % chunks.urls.length)),
  )
  await pause()
  const { store } = await counts()
  say(`the same at the store: ${store.active} under way, ${store.open} sockets left`)
  await gateway.stop()
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_500))
}

function headersOf(token: string): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', authorization: `Snowflake Token="${token}"` }
}

/** A statement that takes half a second, whose client leaves when it is under way. */
async function abandon(url: string, token: string): Promise<void> {
  const asking = httpRequest(`${url}/queries/v1/query-request?requestId=${randomUUID()}`, {
    method: 'POST',
    headers: headersOf(token),
  })
  asking.on('error', () => undefined)
  asking.end(JSON.stringify({ sqlText: 'SELECT id, ssn FROM health.phi.patients WHERE id = 999' }))
  await new Promise((resolve) => setTimeout(resolve, 200))
  asking.destroy()
}

interface Chunks {
  readonly urls: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

async function chunksOf(url: string, token: string): Promise<Chunks> {
  const response = await fetch(`${url}/queries/v1/query-request?requestId=${randomUUID()}`, {
    method: 'POST',
    headers: headersOf(token),
    body: JSON.stringify({ sqlText: 'SELECT id, ssn, name FROM health.phi.patients WHERE id > 0' }),
  })
  const { data, message } = (await response.json()) as {
    readonly message: string | null
    readonly data: {
      readonly chunks?: readonly { readonly url: string }[]
      readonly chunkHeaders?: Readonly<Record<string, string>>
    } | null
  }
  const { chunks, chunkHeaders: headers } = data ?? {}
  if (chunks === undefined || headers === undefined) throw new Error(message ?? 'no chunks')
  return { urls: chunks.map((chunk) => chunk.url), headers }
}

/** Leaves once bytes of it have come. */
function abandonChunk({ urls, headers }: Chunks, index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest(urls[index] ?? '', { headers }, (answer) => {
      answer.on('error', () => undefined)
      answer.once('data', () => {
        answer.destroy()
        resolve()
      })
    })
    asking.once('error', reject)
    asking.end()
  })
}
