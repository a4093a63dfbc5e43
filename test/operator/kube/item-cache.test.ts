import { describe, expect, test } from 'vitest'
import { isOld, ItemCache } from '../../../operator/kube/item-cache.ts'
import type { WatchEvent } from '../../../operator/kube/watch.ts'

const object = (name: string, resourceVersion: string) => ({
  metadata: { namespace: 'ns', name, resourceVersion },
})
type Item = ReturnType<typeof object>

const event = (type: WatchEvent<Item>['type'], name: string, version: string) => ({
  type,
  object: object(name, version),
  resourceVersion: version,
})

function cacheOf(...objects: readonly Item[]) {
  const cache = new ItemCache<Item, string>(({ metadata }) => metadata.resourceVersion)
  cache.replace(objects.map((each) => cache.observe(each)))
  return cache
}

describe('A list that is compared with what a watch told', () => {
  const cache = () => cacheOf(object('a', '1'), object('b', '2'))
  const listed = (of: ItemCache<Item, string>, ...objects: readonly Item[]) =>
    objects.map((each) => of.observe(each))

  test('does not bring back what was deleted meanwhile', () => {
    const compared = cache()
    const before = compared.beginComparison()
    const list = listed(compared, object('a', '1'), object('b', '3'), object('c', '4'))
    compared.apply(event('MODIFIED', 'b', '3'))
    compared.apply(event('DELETED', 'b', '5'))
    compared.apply(event('ADDED', 'c', '4'))
    compared.apply(event('DELETED', 'c', '6'))
    expect(compared.endComparison(before, list)).toEqual([])
    expect([...compared.items.keys()]).toEqual(['ns/a'])
  })

  test('does not undo what was changed or added meanwhile', () => {
    const compared = cache()
    const before = compared.beginComparison()
    const list = listed(compared, object('a', '1'), object('b', '2'))
    compared.apply(event('MODIFIED', 'a', '7'))
    compared.apply(event('ADDED', 'c', '8'))
    expect(compared.endComparison(before, list)).toEqual([])
    expect(compared.items.get('ns/a')).toBe('7')
    expect(compared.items.has('ns/c')).toBe(true)
  })

  test('gives what the watch did not tell', () => {
    const compared = cache()
    const before = compared.beginComparison()
    const missed = compared.endComparison(
      before,
      listed(compared, object('a', '9'), object('c', '4')),
    )
    expect(missed.map(({ type, key }) => `${type} ${key}`)).toEqual([
      'Deleted ns/b',
      'Modified ns/a',
      'Added ns/c',
    ])
  })
})

describe('Another list', () => {
  test('changes nothing of what has the same version', () => {
    const cache = cacheOf(object('a', '1'), object('b', '2'))
    expect(
      cache.replace([object('a', '1'), object('b', '3')].map((each) => cache.observe(each))),
    ).toEqual([{ type: 'Modified', key: 'ns/b', item: '3', previous: '2' }])
  })
})

describe('A version', () => {
  test('is old if it is no larger than one that was seen, however many digits they have', () => {
    expect(isOld('9', '10')).toBe(true)
    expect(isOld('10', '10')).toBe(true)
    expect(isOld('11', '10')).toBe(false)
    expect(isOld('9007199254740993', '9007199254740992')).toBe(false)
    expect(isOld('opaque', '10')).toBe(false)
  })
})
