import { describe, expect, test } from 'vitest'
import { suggest } from '../../crds/suggestion.ts'

describe('What was probably meant', () => {
  const known = ['statements', 'objects', 'columns', 'when', 'secretRef']

  test.each([
    ['statement', 'statements'],
    ['Objects', 'objects'],
    ['secret_ref', 'secretRef'],
    ['colmuns', 'columns'],
    ['wehn', 'when'],
  ])('%s: %s', (given, meant) => {
    expect(suggest(given, known)).toBe(meant)
  })

  test('is not guessed from afar', () => {
    expect(suggest('subjects', known)).toBeUndefined()
    expect(suggest('then', ['when', 'x'])).toBe('when')
    expect(suggest('on', ['no'])).toBeUndefined()
    expect(suggest('', known)).toBeUndefined()
    expect(suggest('a'.repeat(1_000_000), known)).toBeUndefined()
  })
})
