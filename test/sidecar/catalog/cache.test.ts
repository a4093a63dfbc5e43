import { describe, expect, test } from 'vitest'
import { cachedCatalog } from '../../../sidecar/catalog/cache.ts'
import type { CatalogSource } from '../../../sidecar/catalog/source.ts'
import type { CatalogRelation } from '../../../sidecar/catalog/types.ts'
import { name, source, table } from './support.ts'

const orders = table('DB.S.ORDERS', 'ID')

describe('what the catalogue said', () => {
  test('is believed for its age, counted from before it was asked', async () => {
    let time = 0
    const counted = source(orders)
    const catalog = cachedCatalog(counted, { maxAgeMs: 1000, now: () => time })
    expect(await catalog.relation(orders.name)).toBe(orders)
    time = 999
    expect(await catalog.relation(orders.name)).toBe(orders)
    expect(counted.asked).toHaveLength(1)
    time = 1000
    await catalog.relation(orders.name)
    expect(counted.asked).toHaveLength(2)
    expect(catalog.role).toBe('READER')
  })

  test('of an unknown object is believed a tenth as long', async () => {
    let time = 0
    const counted = source()
    const catalog = cachedCatalog(counted, { maxAgeMs: 1000, now: () => time })
    expect(await catalog.relation(name('DB.S.T'))).toBeNull()
    time = 99
    expect(await catalog.relation(name('DB.S.T'))).toBeNull()
    expect(counted.asked).toHaveLength(1)
    time = 100
    await catalog.relation(name('DB.S.T'))
    expect(counted.asked).toHaveLength(2)
  })

  test('is kept for a bounded number of objects, the newest', async () => {
    const counted = source(orders)
    const catalog = cachedCatalog(counted, { maxAgeMs: 1000, now: () => 0, maxEntries: 2 })
    for (const text of ['DB.S.ORDERS', 'DB.S.A', 'DB.S.B', 'DB.S.B', 'DB.S.ORDERS']) {
      await catalog.relation(name(text))
    }
    expect(counted.asked).toEqual(['DB.S.ORDERS', 'DB.S.A', 'DB.S.B', 'DB.S.ORDERS'])
  })
})

/** A source whose answers the test gives by hand. */
function manual(): CatalogSource & {
  readonly waiting: {
    resolve: (relation: CatalogRelation) => void
    reject: (error: Error) => void
  }[]
} {
  const waiting: ReturnType<typeof manual>['waiting'] = []
  return {
    role: 'READER',
    waiting,
    lastDdl: (names) => Promise.resolve(names.map(() => null)),
    relation: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
      }),
  }
}

describe('a read', () => {
  test('that was waited for is believed for its age, counted from its start', async () => {
    const slow = manual()
    let time = 5_000
    const catalog = cachedCatalog(slow, { maxAgeMs: 1000, now: () => time })
    const all = Array.from({ length: 4 }, () => {
      catalog.forget(orders.name)
      return catalog.relation(orders.name)
    })
    expect(slow.waiting).toHaveLength(2)
    for (const index of [0, 1, 2]) {
      time += 300
      slow.waiting[index]?.resolve(orders)
      await new Promise(setImmediate)
    }
    expect(await Promise.all(all)).toEqual(all.map(() => orders))
    // The third began when the first had ended, at 5,300, and was answered at 5,900.
    expect(slow.waiting).toHaveLength(3)
    time = 6_299
    await catalog.relation(orders.name)
    expect(slow.waiting).toHaveLength(3)
    time = 6_300
    void catalog.relation(orders.name)
    expect(slow.waiting).toHaveLength(4)
  })

  test('under way is shared by everyone who asks for the object', async () => {
    const slow = manual()
    const catalog = cachedCatalog(slow, { maxAgeMs: 1000, now: () => 0 })
    const both = Promise.all([catalog.relation(orders.name), catalog.relation(orders.name)])
    expect(slow.waiting).toHaveLength(1)
    slow.waiting[0]?.resolve(orders)
    expect(await both).toEqual([orders, orders])
  })

  test('that fails is not kept', async () => {
    const slow = manual()
    const catalog = cachedCatalog(slow, { maxAgeMs: 1000, now: () => 0 })
    const failing = catalog.relation(orders.name)
    slow.waiting[0]?.reject(new Error('unreachable'))
    await expect(failing).rejects.toThrow('unreachable')
    const again = catalog.relation(orders.name)
    slow.waiting[1]?.resolve(orders)
    expect(await again).toBe(orders)
  })

  test('that began before an invalidation is neither kept nor shared after it', async () => {
    const slow = manual()
    const catalog = cachedCatalog(slow, { maxAgeMs: 1000, now: () => 0 })
    const old = catalog.relation(orders.name)
    catalog.invalidate()
    expect(catalog.epoch).toBe(1)
    const fresh = catalog.relation(orders.name)
    expect(slow.waiting).toHaveLength(2)
    slow.waiting[0]?.resolve(table('DB.S.ORDERS', 'OLD'))
    await old
    const shared = catalog.relation(orders.name)
    expect(slow.waiting).toHaveLength(2)
    slow.waiting[1]?.resolve(orders)
    expect(await fresh).toBe(orders)
    expect(await shared).toBe(orders)
    expect(await catalog.relation(orders.name)).toBe(orders)
  })

  test('after an invalidation asks again', async () => {
    const counted = source(orders)
    const catalog = cachedCatalog(counted, { maxAgeMs: 1000, now: () => 0 })
    await catalog.relation(orders.name)
    catalog.invalidate()
    await catalog.relation(orders.name)
    expect(counted.asked).toHaveLength(2)
  })

  test('of an object that was forgotten meanwhile is neither kept nor shared; others are', async () => {
    const slow = manual()
    const catalog = cachedCatalog(slow, { maxAgeMs: 1000, now: () => 0 })
    const old = catalog.relation(orders.name)
    const other = catalog.relation(name('DB.S.T'))
    catalog.forget(orders.name)
    void catalog.relation(orders.name)
    expect(slow.waiting).toHaveLength(3)
    slow.waiting[0]?.resolve(table('DB.S.ORDERS', 'OLD'))
    slow.waiting[1]?.resolve(table('DB.S.T', 'ID'))
    await Promise.all([old, other])
    slow.waiting[2]?.resolve(orders)
    expect(await catalog.relation(orders.name)).toBe(orders)
    await catalog.relation(name('DB.S.T'))
    expect(slow.waiting).toHaveLength(3)
    expect(catalog.epoch).toBe(0)
  })

  test('that was kept and is forgotten is asked again', async () => {
    const counted = source(orders)
    const catalog = cachedCatalog(counted, { maxAgeMs: 1000, now: () => 0 })
    await catalog.relation(orders.name)
    catalog.forget(orders.name)
    await catalog.relation(orders.name)
    expect(counted.asked).toHaveLength(2)
  })
})
