import { expect, test } from 'vitest'

import { queryContextOf } from '../../../sidecar/upstream/query-context.ts'

const entry = { id: 0, timestamp: 1_767_225_600_000_000, priority: 0, context: 'CPzzsgE=' }

test('goes back as it came, in the form of a request', () => {
  const empty = { id: 1, timestamp: 2, priority: 1 }
  expect(queryContextOf({ entries: [{ ...entry, extra: 'x' }, empty], more: 1 })).toEqual({
    entries: [
      { id: 0, timestamp: 1_767_225_600_000_000, priority: 0, context: { base64Data: 'CPzzsgE=' } },
      { ...empty, context: {} },
    ],
  })
})

test.each([
  ['nothing', undefined],
  ['no list', { entries: {} }],
  ['a moment that lost digits', { entries: [{ ...entry, timestamp: JSON.parse('9007199254740993') as number }] }],
  ['an object for a number', { entries: [{ ...entry, id: { deep: [] } }] }],
  ['more entries than any driver keeps', { entries: Array(101).fill(entry) }],
  ['a context of megabytes', { entries: [{ ...entry, context: 'x'.repeat(70_000) }] }],
])('is not carried where it is %s', (_what, context) => {
  expect(queryContextOf(context)).toBeUndefined()
}) // prettier-ignore
