import { describe, expect, test } from 'vitest'

import { resources } from '../../../operator/kube/resources.ts'
import { blindAfterMs, blindness } from '../../../operator/wiring/blindness.ts'

const followed = (behindMs: number) => ({ resource: resources.maskingRules, behindMs })

describe('A replica', () => {
  test('vouches for what it knows while each resource was heard of within three minutes', () => {
    // A quiet watch, of a server that sends no bookmarks, is opened again every 90 s.
    expect(blindness([followed(0), followed(95_000), followed(blindAfterMs)])).toEqual([])
  })

  test('is blind if one resource was not, or never', () => {
    expect(blindness([followed(0), followed(200_400)])).toEqual([
      'nothing has been heard of maskingrules for 200 s',
    ])
    expect(blindness([followed(Infinity)])).toHaveLength(1)
  })
})
