import { runInNewContext } from 'node:vm'

import { describe, expect, test } from 'vitest'

import { script } from '../../../operator/page/assets/script.ts'
import { style } from '../../../operator/page/assets/style/style.ts'
import { Expiring } from '../../../operator/page/expiring.ts'
import { PageKeys } from '../../../operator/page/keys.ts'
import { personOf } from '../../../operator/page/person.ts'
import { seal, unseal } from '../../../operator/page/sealed.ts'
import { readPageSettings } from '../../../operator/page/settings.ts'
import { left } from '../../../operator/page/views/text.ts'

describe('colours', () => {
  /** Of text on what is under it. */
  const pairs = [
    ['text', 'ground'],
    ['text', 'card'],
    ['text', 'sunk'],
    ['text', 'warn-soft'],
    ['faint', 'ground'],
    ['faint', 'card'],
    ['faint', 'sunk'],
    ['accent', 'ground'],
    ['accent', 'card'],
    ['accent', 'sunk'],
    ['accent', 'warn-soft'],
    ['on-accent', 'accent'],
    ['on-good', 'good'],
    ['good', 'good-soft'],
    ['bad', 'card'],
    ['bad', 'ground'],
    ['bad', 'sunk'],
    ['bad', 'bad-soft'],
    ['warn', 'card'],
    ['warn', 'warn-soft'],
    ['on-mark', 'mark'],
  ] as const
  const [light = '', dark = ''] = style.split('prefers-color-scheme: dark')

  const colour = (scheme: string, name: string) =>
    new RegExp(`--${name}: #([0-9a-f]{6});`).exec(scheme)?.[1] ?? ''

  function luminance(hex: string): number {
    const [red = 0, green = 0, blue = 0] = [0, 2, 4]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  function contrast(one: string, other: string): number {
    const [dim = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (bright + 0.05) / (dim + 0.05)
  }

  test.each(pairs)('%s on %s can be read in both schemes', (text, under) => {
    for (const scheme of [light, dark]) {
      const found = contrast(colour(scheme, text), colour(scheme, under))
      expect(found).toBeGreaterThanOrEqual(4.5)
    }
  })

  test('edges of fields can be seen', () => {
    for (const scheme of [light, dark])
      expect(contrast(colour(scheme, 'edge'), colour(scheme, 'card'))).toBeGreaterThanOrEqual(3)
  })
})

test('page and script say the time that is left in the same words', () => {
  const source = /const left = (\(ms\) => \{[^]*?\n {2}\})/.exec(script)?.[1] ?? ''
  const inBrowser = runInNewContext(`(${source})`) as (ms: number) => string
  for (const ms of [-1, 0, 1, 59_000, 60_000, 3_599_001, 3_600_000, 172_800_000, 1e9])
    expect(inBrowser(ms)).toBe(left(ms))
})

describe('sealed cookies', () => {
  const keys = new PageKeys(() => new Uint8Array(32).fill(1))
  const times = { now: 1_000_000, until: 2_000_000 }

  test('are read by the same key, for the same purpose, in time', async () => {
    const text = await seal(keys, 'session', { a: 1 }, times)
    const others = new PageKeys(() => new Uint8Array(32).fill(2))
    expect(await unseal(keys, 'session', text, 1_500_000)).toMatchObject({ a: 1 })
    expect(await unseal(keys, 'login', text, 1_500_000)).toBeUndefined()
    expect(await unseal(others, 'session', text, 1_500_000)).toBeUndefined()
    expect(await unseal(keys, 'session', text, 2_000_001)).toBeUndefined()
    expect(await unseal(keys, 'session', 'a.b.c.d.e', 1_500_000)).toBeUndefined()
    expect(text).not.toContain('"a"')
  })

  test('need a key that is long enough', () => {
    expect(() => new PageKeys(() => new Uint8Array(31))).toThrow(RangeError)
  })
})

test('what is remembered is bounded, and forgotten in time', () => {
  const names = new Expiring()
  names.add('first', 10, 0)
  expect([names.has('first', 9), names.has('first', 10)]).toEqual([true, false])
  for (let index = 0; index < 20_001; index += 1) names.add(`${index}`, 1e9, 0)
  expect([names.has('0', 1), names.has('20000', 1)]).toEqual([false, true])
})

describe('claims', () => {
  const settings = (more: Readonly<Record<string, unknown>> = {}) =>
    readPageSettings(
      JSON.stringify({ url: 'https://a.test', issuer: 'https://id.test', clientId: 'x', ...more }),
    )

  test('an address that is not verified is no other name', () => {
    const claims = { sub: '7', email: 'ada@a.test', upn: 'ada@corp', email_verified: false }
    expect(personOf(claims, settings()).aliases).toEqual(['ada@corp'])
  })

  test('become a person as the settings say', () => {
    const claims = { sub: '7', email: 'ada@a.test', groups: 'one', roles: ['r', 'r'] }
    expect(personOf(claims, settings())).toEqual({
      username: 'https://id.test#7',
      groups: ['one'],
      issuer: 'https://id.test',
      subject: '7',
      aliases: ['ada@a.test'],
    })
    const other = { usernameClaim: 'email', groupsClaim: 'roles', groupsPrefix: 'idp:' }
    expect(personOf(claims, settings(other))).toMatchObject({
      username: 'ada@a.test',
      groups: ['idp:r'],
    })
  })

  test.each([
    [{}, {}],
    [{ sub: '' }, {}],
    [{ sub: '7' }, { usernameClaim: 'email' }],
    [{ sub: '7', email: 'a@b.test', email_verified: false }, { usernameClaim: 'email' }],
    [{ sub: 'system:admin' }, { usernamePrefix: '-' }],
    [{ sub: 'x'.repeat(1_024) }, {}],
    [{ sub: '7', groups: { a: 1 } }, {}],
    [{ sub: '7', groups: ['a', 7] }, {}],
  ])('%j with %j name nobody', (claims, more) => {
    expect(() => personOf(claims, settings(more))).toThrow()
  })
})
