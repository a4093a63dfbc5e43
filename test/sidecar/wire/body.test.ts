import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { BodyBudget, drainBody, limitIn, readBody, takeBody } from '../../../sidecar/wire/body.ts'

function request(
  pieces: readonly Uint8Array[],
  headers: Record<string, string> = {},
): IncomingMessage {
  return Object.assign(Readable.from(pieces), { headers }) as unknown as IncomingMessage
}

describe('a request body', () => {
  test('is read plain or gzipped, whatever the header says', async () => {
    const json = Buffer.from('{"a":1}')
    expect(await readBody(request([json]))).toEqual({ a: 1 })
    expect(await readBody(request([gzipSync(json)]))).toEqual({ a: 1 })
    expect(await readBody(request([json], { 'content-encoding': 'gzip' }))).toEqual({ a: 1 })
  })

  test('may be absent, blank or null', async () => {
    for (const text of ['', '  \n', 'null'])
      expect(await readBody(request([Buffer.from(text)]))).toEqual({})
  })

  test.each([
    ['not JSON', Buffer.from('{"token": secret-value')],
    ['an array', Buffer.from('[1]')],
    ['a number', Buffer.from('7')],
    ['damaged gzip', gzipSync(Buffer.from('{"a":1}')).subarray(0, 12)],
  ])('that is %s is refused without quoting it', async (_what, bytes) => {
    const reading = readBody(request([bytes]))
    await expect(reading).rejects.toMatchObject({ entry: 'BodyUnreadable' })
    await expect(reading).rejects.not.toThrow(/secret-value/)
  })

  test('over the cap is refused by its announced length, by what arrives, and by what it unpacks to', async () => {
    const tooLarge = { entry: 'BodyTooLarge' }
    await expect(readBody(request([], { 'content-length': '101' }), 100)).rejects.toMatchObject(
      tooLarge,
    )
    await expect(
      readBody(request([Buffer.alloc(60), Buffer.alloc(60)]), 100),
    ).rejects.toMatchObject(tooLarge)
    const bomb = gzipSync(Buffer.alloc(10_000_000, 32))
    expect(bomb.length).toBeLessThan(20_000)
    await expect(readBody(request([bomb]), 100_000)).rejects.toMatchObject(tooLarge)
  })

  test('that claims to unpack to less than it does is not unpacked further', async () => {
    const zipped = gzipSync(Buffer.alloc(100_000, 32))
    zipped.writeUInt32LE(10, zipped.length - 4)
    await expect(readBody(request([zipped]))).rejects.toMatchObject({ entry: 'BodyUnreadable' })
  })

  test('waits for nobody: beyond what all may take together it is refused, and later read', async () => {
    const budget = new BodyBudget(300_000)
    const body = Buffer.from(JSON.stringify({ a: 'x'.repeat(200_000) }))
    let finish = (): void => undefined
    const held = new Promise<void>((resolve) => (finish = resolve))
    const slow = Object.assign(
      Readable.from(
        (async function* () {
          yield body.subarray(0, 150_000)
          await held
          yield body.subarray(150_000)
        })(),
      ),
      { headers: {} },
    ) as unknown as IncomingMessage
    const first = readBody(slow, 1_000_000, budget)
    await new Promise((resolve) => setImmediate(resolve))
    const refused = { entry: 'BodiesTooLarge' }
    await expect(readBody(request([body]), 1_000_000, budget)).rejects.toMatchObject(refused)
    await expect(readBody(request([gzipSync(body)]), 1_000_000, budget)).rejects.toMatchObject(
      refused,
    )
    expect(await readBody(request([Buffer.from('{"b":1}')]), 1_000_000, budget)).toEqual({ b: 1 })
    finish()
    expect(Object.keys(await first)).toEqual(['a'])
    expect(Object.keys(await readBody(request([body]), 1_000_000, budget))).toEqual(['a'])
  })

  test('keeps its share for as long as it is needed, of one owner no more than half', async () => {
    const rule = { limit: 1_000_000, budget: new BodyBudget(500_000) }
    const take = (size: number) =>
      takeBody(request([Buffer.from(JSON.stringify({ a: 'x'.repeat(size) }))]), rule)
    const [one, other] = [{}, {}]
    const first = await take(200_000)
    const giveFirst = first.keep(one)
    first.giveBack()
    const second = await take(200_000)
    const tooLarge = expect.objectContaining({ entry: 'BodiesTooLarge' }) as Error
    expect(() => second.keep(one)).toThrow(tooLarge)
    const giveSecond = second.keep(other)
    second.giveBack()
    await expect(take(200_000)).rejects.toMatchObject({ entry: 'BodiesTooLarge' })
    // Twice is once.
    giveFirst()
    giveFirst()
    giveSecond()
    ;(await take(400_000)).keep(one)()
    ;(await take(400_000)).giveBack()
    expect((await take(400_000)).body).toHaveProperty('a')
  })

  test('is read to its end where nothing of it is wanted', async () => {
    await drainBody(request([Buffer.alloc(9_000_000), Buffer.from('no JSON')]))
    await expect(drainBody(request([], { 'content-length': '999999999' }))).rejects.toMatchObject({
      entry: 'BodyTooLarge',
    })
  })

  test('of a statement may be as large as drivers send, where there is memory for it', () => {
    const mb = 1024 * 1024
    expect([128, 384, 1_024, 16_384].map((memory) => limitIn(memory * mb) / mb)).toEqual([
      8, 24, 64, 64,
    ])
  })

  test('of any bytes is read or refused, and nothing else happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, zipped) => {
        const raw = zipped ? Buffer.concat([Buffer.from([0x1f, 0x8b]), bytes]) : Buffer.from(bytes)
        try {
          expect(await readBody(request([raw]))).toBeTypeOf('object')
        } catch (error) {
          expect(error).toMatchObject({ entry: 'BodyUnreadable' })
        }
      }),
    )
  })
})
