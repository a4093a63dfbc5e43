import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { describe, expect, test } from 'vitest'

import { chunkHosts, chunkTrust } from '../../../sidecar/results/chunk-hosts.ts'
import { ChunkStore, chunkKeyHeader } from '../../../sidecar/results/chunk-store.ts'
import { publish as publishRan } from '../../../sidecar/statement/release.ts'
import { canarySearch } from '../../../sidecar/results/canaries.ts'
import type { UpstreamResult } from '../../../sidecar/upstream/answer.ts'
import { upstreamResult } from '../../support/upstream-result.ts'

function publish(url = 'https://bucket.s3.eu-west-1.amazonaws.com/results/data_0') {
  const clock = { now: 0 }
  const store = new ChunkStore(
    chunkHosts({ url: 'https://acme.snowflakecomputing.com', trust: null }),
    () => clock.now,
  )
  const result = {
    chunks: [{ url, rowCount: 5, uncompressedSize: 50, compressedSize: 10 }],
    chunkHeaders: { 'x-amz-key': 'secret' },
  } as unknown as UpstreamResult
  const owner = { session: 's', statement: 'q', recording: 'Full' } as const
  const published = store.publish('http://127.0.0.1:8085', owner, result)
  const token = published.chunks[0]?.url.split('/').at(-1) ?? ''
  return { clock, store, published, token, key: published.headers[chunkKeyHeader] ?? '' }
}

describe('a published chunk', () => {
  test('has an address and a key of the gateway, and nothing of the store', () => {
    const { store, published, token, key } = publish()
    expect(JSON.stringify(published)).not.toMatch(/amazonaws|secret/)
    expect(store.find(token, key)).toMatchObject({ index: 0, headers: { 'x-amz-key': 'secret' } })
  })

  test('is not found without its key, with another address, after its session or its time', () => {
    const unknown = expect.objectContaining({ entry: 'ChunkUnknown' }) as Error
    const { clock, store, token, key } = publish()
    expect(() => store.find(token, undefined)).toThrow(unknown)
    expect(() => store.find(token, `${key}x`)).toThrow(unknown)
    expect(() => store.find(`${token.slice(0, -1)}_`, key)).toThrow(unknown)
    clock.now = 6 * 3_600_000
    expect(() => store.find(token, key)).toThrow(unknown)
    const other = publish()
    other.store.forget('s')
    expect(() => other.store.find(other.token, other.key)).toThrow(unknown)
  })

  test.each([
    'http://bucket.s3.amazonaws.com/x',
    'https://169.254.169.254/latest/meta-data',
    'https://bucket.s3.amazonaws.com.evil.example/x',
    'https://evil.example/s3.amazonaws.com',
    'https://user:pw@bucket.s3.amazonaws.com/x',
    'https://bucket.s3.amazonaws.com:8443/x',
    'http://127.0.0.1:9/x',
    'file:///etc/passwd',
    'not a url',
  ])('is refused at %s', (url) => {
    expect(() => publish(url)).toThrow(expect.objectContaining({ entry: 'UpstreamAnswerRefused' }))
  })

  test('is taken from loopback only where Snowflake itself is on loopback', () => {
    const allowed = chunkHosts({ url: 'http://127.0.0.1:9000', trust: null })
    expect(allowed(new URL('http://127.0.0.1:9001/x'))).toBe(true)
    expect(allowed(new URL('https://bucket.s3.amazonaws.com/x'))).toBe(false)
  })

  test('is taken from the account itself only where the connection brings its certificates', () => {
    const account = { url: 'https://warehouse.acme.svc:8443', trust: 'PEM' }
    const store = new URL('https://bucket.s3.amazonaws.com/x')
    const own = new URL('https://warehouse.acme.svc:8444/x')
    const urls = [
      own,
      store,
      new URL('http://warehouse.acme.svc:8444/x'),
      new URL('https://b.svc/x'),
    ]
    expect(urls.map(chunkHosts(account))).toEqual([true, true, false, false])
    expect(urls.map(chunkHosts({ ...account, trust: null }))).toEqual([false, true, false, false])
    expect([own, store].map((url) => chunkTrust(account, url))).toEqual(['PEM', null])
  })
})

describe('what is kept of a result', () => {
  const chunk = { url: 'https://b.s3.amazonaws.com/0', rowCount: 1, uncompressedSize: 1, compressedSize: 1 } // prettier-ignore
  const resultOf = (count: number, rows: string[][] = []): UpstreamResult =>
    upstreamResult({ rows, chunks: Array.from({ length: count }, () => chunk), total: count })
  const owner = (session: string) =>
    ({ session, statement: `of ${session}`, recording: 'None' }) as const

  test('is not its rows: addresses live for hours', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const store = new ChunkStore(() => true)
    const publishOne = (): WeakRef<object> => {
      const rows = [['a cell']]
      const ran = {
        session: {
          id: 's',
          grant: { recording: 'None' },
          client: { oneLayout: false },
          upstream: { result: () => Promise.reject(new Error('not asked here')) },
        },
        entry: { statement: 'q' },
        plan: { outputs: null },
        result: resultOf(1, rows),
      }
      publishRan(ran as never, store, 'http://gateway', canarySearch([]))
      return new WeakRef(rows)
    }
    const rows = publishOne()
    // A WeakRef that was just made is kept until the turn of the loop has ended.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    expect(rows.deref()).toBeUndefined()
  })

  test('is bounded: the oldest of whoever has most make room, and of nobody else', () => {
    const store = new ChunkStore(() => true, undefined, { perSession: 500, inAll: 750 })
    const find =
      ({ chunks, headers }: ReturnType<ChunkStore['publish']>) =>
      () =>
        store.find(chunks[0]?.url.split('/').at(-1) ?? '', headers[chunkKeyHeader])
    const small = store.publish('', owner('small'), resultOf(200))
    const first = store.publish('', owner('large'), resultOf(300))
    const second = store.publish('', owner('large'), resultOf(300))
    // Its own bound made room for the second.
    expect(find(first)).toThrow()
    const third = store.publish('', owner('third'), resultOf(300))
    expect(find(second)).toThrow()
    for (const kept of [small, third]) expect(find(kept)).not.toThrow()
    store.forget('third')
    expect(find(third)).toThrow()
    expect(find(small)).not.toThrow()
    expect(() => store.publish('', owner('x'), resultOf(501))).toThrow(/more than 500 chunks/)
  })
})
