import { describe, expect, test } from 'vitest'
import type { MaskKey, MaskMethod } from '../../../sidecar/control/bundle.ts'
import type { Protection } from '../../../sidecar/masking/masked.ts'
import { strictest } from '../../../sidecar/masking/strictest.ts'
import { text, type } from './fixture.ts'

const key: MaskKey = { kind: 'inStatement', secretName: 'one' }
const hash: MaskMethod = { kind: 'hash', key }
const token: MaskMethod = { kind: 'token', key, format: 'Opaque', domain: 'd' }
const regex = { kind: 'regex', pattern: 'a', replacement: 'b', unmatched: 'Redact' } as const
const bucket = (size: number): MaskMethod => ({ kind: 'bucket', size })
const truncate = (to: 'Month' | 'Quarter' | 'Year'): MaskMethod => ({ kind: 'dateTruncate', to })
const partial = (keepFirst: number, keepLast: number): MaskMethod => ({
  kind: 'partial',
  keepFirst,
  keepLast,
})
const redact: MaskMethod = { kind: 'redact' }

function rule(name: string, method: MaskMethod, usage: Protection['usage'] = 'Strict'): Protection {
  return { rule: name, method, usage, rules: [name], why: `MaskingRule "${name}" alone.` }
}

function both(one: MaskMethod, other: MaskMethod): MaskMethod | undefined {
  const [there, back] = [
    strictest([rule('a', one), rule('b', other)], text(40)),
    strictest([rule('b', one), rule('a', other)], text(40)),
  ]
  expect(back?.method).toEqual(there?.method)
  return there?.method
}

describe('several rules on one column', () => {
  const email: MaskMethod = { kind: 'email' }

  test.each<[readonly MaskMethod[]]>([
    [[email, truncate('Year'), bucket(10)]],
    [[regex, truncate('Year'), bucket(10)]],
    [[truncate('Year'), bucket(10), partial(0, 4)]],
  ])('of different methods the one that shows least wins: %j', (more) => {
    const order: readonly MaskMethod[] = [{ kind: 'null' }, redact, hash, token, ...more]
    order.forEach((stricter, at) => {
      for (const other of order.slice(at)) expect(both(other, stricter)).toEqual(stricter)
    })
  })

  test.each<[string, MaskMethod, MaskMethod, MaskMethod]>([
    [
      'partial keeps what both keep, and hides what either hides wholly',
      partial(3, 1),
      partial(0, 4),
      { kind: 'partial', keepFirst: 0, keepLast: 1, hiddenBelow: 8 },
    ],
    ['the coarser of two dates', truncate('Month'), truncate('Quarter'), truncate('Quarter')],
    ['the coarser of two dates', truncate('Year'), truncate('Quarter'), truncate('Year')],
    ['the bucket of which both are parts', bucket(10), bucket(100), bucket(100)],
    ['the bucket of which both are parts', bucket(4), bucket(6), bucket(12)],
    ['the bucket of which both are parts', bucket(0.5), bucket(0.2), bucket(1)],
    ['buckets without one', bucket(9_007_199_254_740_881), bucket(1_000_003), redact],
    ['equal hashes', hash, { kind: 'hash', key: { ...key } }, hash],
    ['hashes of two keys', hash, { kind: 'hash', key: { ...key, secretName: 'two' } }, redact],
    ['tokens of two domains', token, { ...token, domain: 'other' }, redact],
    ['tokens of two formats', token, { ...token, format: 'Digits' }, redact],
    ['two patterns', regex, { ...regex, pattern: 'c' }, redact],
    ['two e-mail rules', { kind: 'email' }, { kind: 'email' }, { kind: 'email' }],
  ])('of the same method: %s', (_name, one, other, wanted) => {
    expect(both(one, other)).toEqual(wanted)
  })

  test.each<[MaskMethod, MaskMethod]>([
    [{ ...regex, unmatched: 'Keep' }, partial(0, 4)],
    [regex, email],
    [email, partial(0, 4)],
  ])('that each leave other parts of a value show nothing: %j and %j', (one, other) => {
    expect(both(one, other)).toEqual(redact)
  })

  test('where redact does not fit the type, it is null', () => {
    const hashes = [rule('a', hash), rule('b', { kind: 'hash', key: { ...key, secretName: 'x' } })]
    expect(strictest(hashes, type('BINARY'))?.method).toEqual({ kind: 'null' })
  })

  test('three rules: what two come to meets the third', () => {
    const rules = [rule('c', bucket(4)), rule('a', bucket(6)), rule('b', bucket(10))]
    expect(strictest(rules, type('FLOAT'))).toMatchObject({
      method: bucket(60),
      rule: 'a',
      rules: ['a', 'b', 'c'],
    })
  })

  test('all are named, with the reason in one sentence', () => {
    expect(strictest([rule('p', partial(0, 4)), rule('r', redact)], text(9))).toEqual({
      ...rule('r', redact),
      rules: ['p', 'r'],
      why: 'redact of MaskingRule "r" is stricter than partial of MaskingRule "p".',
    })
    const why = (one: MaskMethod, other: MaskMethod) =>
      strictest([rule('a', one), rule('b', other)], text(40))?.why
    expect(why(partial(3, 1), partial(0, 4))).toBe(
      'partial shows only what both MaskingRule "a" and MaskingRule "b" show.',
    )
    expect(why(bucket(100), bucket(10))).toBe(
      'bucket of MaskingRule "a" shows no more than that of MaskingRule "b".',
    )
    expect(why(token, { ...token, domain: 'x' })).toBe(
      'token of MaskingRule "a" and of MaskingRule "b" have no mask in common, so it is redact.',
    )
  })

  test('the strictest usage holds, whatever the method', () => {
    const usage = (a: Protection['usage'], b: Protection['usage']) =>
      strictest([rule('a', hash, a), rule('b', hash, b)], text(40))?.usage
    expect(usage('Joinable', 'AtRead')).toBe('Joinable')
    expect(usage('Strict', 'AtRead')).toBe('Strict')
    expect(usage('Joinable', 'Strict')).toBe('Strict')
  })

  test('a mask that tells no equal values is not joinable, nor is what two such come to', () => {
    expect(strictest([rule('a', redact, 'Joinable')], text(9))?.usage).toBe('Strict')
    expect(strictest([rule('a', { ...token, format: 'Digits' }, 'Joinable')], text(9))?.usage).toBe(
      'Strict',
    )
    const two = [rule('a', token, 'Joinable'), rule('b', { ...token, domain: 'x' }, 'Joinable')]
    expect(strictest(two, text(40))).toMatchObject({ method: redact, usage: 'Strict' })
  })

  test('none is no protection', () => {
    expect(strictest([], text(9))).toBeUndefined()
  })
})
