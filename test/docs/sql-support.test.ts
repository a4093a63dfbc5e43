import { describe, expect, test } from 'vitest'

import { refused } from '../../docs/sql/refused.ts'
import { FrostgateError } from '../../sidecar/errors.ts'
import { parseStatements } from '../../sidecar/sql/index.ts'

function entryOf(sql: string): string | undefined {
  try {
    parseStatements(sql)
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return thrown.entry
    throw thrown
  }
  return undefined
}

describe('what the page says is refused', () => {
  test.each(refused.map(({ what, example, entry }) => [what, example, entry]))(
    '%s',
    (_what, example, entry) => {
      expect(entryOf(example)).toBe(entry)
    },
  )
})
