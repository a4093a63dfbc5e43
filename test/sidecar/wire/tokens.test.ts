import { expect, test } from 'vitest'

import { authorizationToken, mintToken } from '../../../sidecar/wire/tokens.ts'

test('tokens are different each time and long enough not to be guessed', () => {
  const tokens = new Set(Array.from({ length: 1_000 }, () => mintToken('session')))
  expect(tokens.size).toBe(1_000)
  for (const token of tokens) expect(token).toMatch(/^fg-session-[\w-]{43}$/)
})

test("a token is read from Snowflake's header and nowhere else", () => {
  expect(authorizationToken('Snowflake Token="fg-session-x"')).toBe('fg-session-x')
  for (const header of [
    undefined,
    '',
    'Basic',
    'Bearer fg-session-x',
    'Snowflake Token="None"',
    'Snowflake Token=""',
    'Snowflake Token="a" b',
  ]) {
    expect(authorizationToken(header)).toBeUndefined()
  }
})
