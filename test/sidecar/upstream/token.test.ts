import { expect, test } from 'vitest'

import { tokenOf } from '../../../sidecar/upstream/token.ts'

test('a token is taken as it stands', () => {
  const token = 'ver:1-hint:92019686956010-ETMsDgAAAYZ+/w=='
  expect(tokenOf(token)).toBe(token)
  expect([tokenOf(undefined), tokenOf(''), tokenOf(7)]).toEqual([undefined, undefined, undefined])
})

test.each(['a b', 'a"b', 'a\r\nHost: elsewhere', 'a\u0000', 'ü', 'x'.repeat(8_193)])(
  'one that a header cannot carry is refused: %j',
  (token) => {
    expect(() => tokenOf(token)).toThrow(
      expect.objectContaining({ entry: 'UpstreamAnswerRefused' }),
    )
  },
)
