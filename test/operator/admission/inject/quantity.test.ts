import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  formatQuantity,
  mebibytes,
  parseQuantity,
} from '../../../../operator/admission/inject/quantity.ts'

describe('A quantity', () => {
  test.each([
    ['20m', 'cpu', '20m'],
    ['0.05', 'cpu', '50m'],
    ['1000m', 'cpu', '1'],
    ['1500m', 'cpu', '1500m'],
    ['1024Mi', 'memory', '1Gi'],
    ['1.5Gi', 'memory', '1536Mi'],
    ['100M', 'memory', '100M'],
    ['131072k', 'memory', '125Mi'],
    ['268435456', 'memory', '256Mi'],
    ['0', 'memory', '0'],
  ] as const)('%s of %s is written %s, as the API server does', (text, kind, expected) => {
    expect(formatQuantity(parseQuantity(text) ?? -1n, kind)).toBe(expected)
  })

  test.each(['', '-1', '1e3', '1 Gi', '1gi', '.5', '1.0001', 'Gi', '9'.repeat(20)])(
    'is not %j',
    (text) => {
      expect(parseQuantity(text)).toBeUndefined()
    },
  )

  test('is the same after it was written and read', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 15n }),
        fc.constantFrom('cpu', 'memory'),
        (n, kind) => {
          expect(parseQuantity(formatQuantity(n, kind))).toBe(n)
        },
      ),
    )
  })

  test('in whole mebibytes is rounded down', () => {
    expect(mebibytes(parseQuantity('100M') ?? 0n)).toBe(95)
  })
})
