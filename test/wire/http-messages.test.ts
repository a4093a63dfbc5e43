import { gzipSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { httpMessages } from './http-messages.ts'

const bodies = (bytes: Buffer): readonly string[] =>
  httpMessages(bytes).map(({ body }) => body.toString('utf8'))

describe('captured HTTP messages', () => {
  test('are read one after the other by their Content-Length', () => {
    const text = 'POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n'
    expect(httpMessages(Buffer.from(text)).map(({ start }) => start)).toEqual([
      'POST /a HTTP/1.1',
      'GET /b HTTP/1.1',
    ])
    expect(bodies(Buffer.from(text))).toEqual(['abc', ''])
  })

  test('are unchunked and unzipped', () => {
    const zipped = gzipSync('secret')
    const [left, right] = [zipped.subarray(0, 9), zipped.subarray(9)]
    const bytes = Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      ...[left, right].flatMap((part) => [
        Buffer.from(`${part.length.toString(16)}\r\n`),
        part,
        Buffer.from('\r\n'),
      ]),
      Buffer.from('0\r\n\r\n'),
    ])
    expect(bodies(bytes)).toEqual(['secret'])
  })

  test('that are cut off are left out', () => {
    expect(bodies(Buffer.from('POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc'))).toEqual([])
  })

  test('are an error where there is something else', () => {
    expect(() => httpMessages(Buffer.from('hello\r\n\r\n'))).toThrow('no HTTP message')
  })
})
