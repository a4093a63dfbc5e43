import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { BrokerError, refusalOf } from '../../../sidecar/control/broker-error.ts'
import { linesOf, readNotice } from '../../../sidecar/control/notices.ts'

async function* given(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield await Promise.resolve(piece)
}

async function read(pieces: readonly Buffer[], maxBytes?: number): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(given(pieces), maxBytes)) lines.push(line)
  return lines
}

describe('Lines of the stream', () => {
  test('are the same however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }).map((line) => line.replaceAll('\n', ' '))),
        fc.integer({ min: 1, max: 7 }),
        async (lines, size) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
          const pieces: Buffer[] = []
          for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
          const whole = lines.map((line) => Buffer.from(line).toString())
          expect(await read(pieces)).toEqual(whole)
        },
      ),
    )
  })

  test.each([
    ['in one piece', [Buffer.from(`${'x'.repeat(11)}\n`)]],
    ['in several', [Buffer.from('xxxxxx'), Buffer.from('xxxxx')]],
    ['ending in a later one', [Buffer.from('xxxxxx'), Buffer.from('xxxxx\n')]],
    ['after others', [Buffer.from(`a\nb\n${'x'.repeat(11)}`)]],
  ])('above the cap end it: %s', async (_what, pieces) => {
    await expect(read(pieces, 10)).rejects.toThrow(/line of more than 10 bytes/)
  })

  test('that are short may come many at a time', async () => {
    expect(await read([Buffer.from('abcdefgh\n'.repeat(5))], 10)).toHaveLength(5)
  })

  test('that stop in the middle are no line', async () => {
    await expect(read([Buffer.from('{"type":"ping"}')])).rejects.toThrow(/has no end/)
  })
})

describe('A notice', () => {
  test.each([
    '{"type":"ping"}',
    `{"type":"bundle","digest":"sha256:${'a'.repeat(64)}"}`,
    '{"type":"closed","reason":"why"}',
    '{"type":"revoked","reason":"why"}',
    '{"type":"goodbye"}',
    '{"type":"approval","standing":{"name":"a","digest":"a","phase":"Pending","by":[],"note":""}}',
  ])('%s is understood', (line) => {
    expect(readNotice(line)).toEqual(JSON.parse(line))
  })

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"type":"constructor"}',
    '{"type":"ping","x":1}',
    '{"type":"bundle","digest":"sha256:1"}',
    '{"type":"closed"}',
    '{"type":"trust","pem":"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"}',
  ])('%s is none', (line) => {
    expect(() => readNotice(line)).toThrow(BrokerError)
  })

  test('is understood or refused, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
        try {
          expect(readNotice(line)).toHaveProperty('type')
        } catch (error) {
          expect(error).toBeInstanceOf(BrokerError)
          expect((error as BrokerError).transient).toBe(true)
        }
      }),
    )
  })
})

describe('A refusal', () => {
  test('says what the broker said', () => {
    const body = JSON.stringify({ error: 'PodNotLive', message: 'It is gone.', transient: false })
    expect(refusalOf(403, body)).toMatchObject({
      message: 'the operator answered PodNotLive: It is gone.',
      transient: false,
      status: 403,
      refusal: 'PodNotLive',
    })
  })

  test.each([
    [503, '<html>secret</html>', true],
    [403, '{"error":5}', false],
    [500, '[]', true],
  ])('of HTTP %i without a body that says so is not quoted', (status, body, transient) => {
    const error = refusalOf(status, body)
    expect(error.message).toBe(`the operator answered HTTP ${status} without saying why`)
    expect(error.transient).toBe(transient)
  })
})
