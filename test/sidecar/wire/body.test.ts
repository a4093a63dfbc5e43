import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readBody } from '../../../sidecar/wire/body.ts'

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
