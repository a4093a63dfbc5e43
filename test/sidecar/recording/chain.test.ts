import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { canonicalJson } from '../../../sidecar/canonical-json.ts'
import { genesis, nextLine, nextText, type ChainHead } from '../../../sidecar/recording/chain.ts'
import { parseLine } from '../../../sidecar/recording/line.ts'
import { received, sampleEvents, serialiseLine } from './sample.ts'

const time = '2026-03-01T09:14:02.250Z'
const first = received('q1')

describe('the hash chain', () => {
  test('the first line has seq 0 and follows 64 zeros', () => {
    const line = nextLine(null, first, time)
    expect(line).toMatchObject({ seq: 0, prev: genesis, time })
    expect(genesis).toBe('0'.repeat(64))
  })

  test('each line holds the hash of the one before it', () => {
    const one = nextLine(null, first, time)
    const two = nextLine(one, first, time)
    expect(two).toMatchObject({ seq: 1, prev: one.hash })
  })

  test('the hash is SHA-256 over the canonical JSON of seq, time, prev and event', () => {
    let head: ChainHead | null = null
    for (const event of sampleEvents) {
      const { hash, ...content } = nextLine(head, event, time)
      const expected = createHash('sha256').update(canonicalJson(content)).digest('hex')
      expect(hash).toBe(expected)
      head = { seq: content.seq, time, hash }
    }
  })

  test('a line is spelt with its keys in the order of the contract', () => {
    const keys = Object.keys(JSON.parse(serialiseLine(nextLine(null, first, time))) as object)
    expect(keys).toEqual(['seq', 'time', 'prev', 'event', 'hash'])
  })

  test('whatever a client writes into a statement, its line reads back as it was recorded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (sql, id) => {
        const event = received(id, sql)
        const line = nextLine(null, event, time)
        const { text, head } = nextText(null, canonicalJson(event), time)
        expect(text).toBe(serialiseLine(line))
        expect(text).not.toContain('\n')
        expect(head).toEqual({ seq: 0, time, hash: line.hash })
        expect(parseLine(Buffer.from(text))).toEqual({ ok: true, line })
      }),
    )
  })

  test('no bytes make the reader of a line throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(parseLine(Buffer.from(bytes)).ok).toBe(false)
      }),
    )
    const spelt = serialiseLine(nextLine(null, first, time))
    const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    for (const value of [nested, '1e999', '-0', '{"__proto__":1,"__proto__":2}']) {
      const line = spelt.replace('"binds":0', `"binds":${value}`)
      expect(parseLine(Buffer.from(line))).toMatchObject({ ok: false, kind: 'NotCanonical' })
    }
  })

  test('bytes that are no UTF-8 are told apart from text that is no line', () => {
    const bytes = Buffer.from(serialiseLine(nextLine(null, first, time)))
    bytes[bytes.indexOf('SELECT')] = 0xff
    expect(parseLine(bytes)).toMatchObject({ ok: false, kind: 'NotUtf8' })
    expect(parseLine(Buffer.from('{'))).toMatchObject({ ok: false, kind: 'NotJson' })
  })

  test.each([
    ['a time that is no time', time, '2026-13-01T09:14:02.250Z'],
    ['a time without milliseconds', time, '2026-03-01T09:14:02Z'],
    ['a fraction as seq', '"seq":0', '"seq":0.5'],
    ['a prev that is no hash', /"prev":"0+"/, '"prev":"\\u001b[2J"'],
    ['a hash in capitals', /"hash":"\w+"/, `"hash":"${'AB'.repeat(32)}"`],
    ['a space', ',"prev"', ', "prev"'],
    ['a key given twice', '"seq":0', '"seq":0,"seq":0'],
    ['another key', '"seq":0', '"seq":0,"more":1'],
    ['an escape that is not needed', 'SELECT', '\\u0053ELECT'],
    ['an event that is no object', /"event":\{.*\},"hash"/, '"event":[],"hash"'],
  ])('a line with %s is not canonical', (_what, from, to) => {
    const altered = serialiseLine(nextLine(null, first, time)).replace(from, to)
    expect(parseLine(Buffer.from(altered))).toMatchObject({ ok: false, kind: 'NotCanonical' })
  })
})
