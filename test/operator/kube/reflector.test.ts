import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { Change } from '../../../operator/kube/item-cache.ts'
import { withReflector } from '../../support/fake-api-server/reflecting.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'

const until = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 10 })

describe('A reflector', () => {
  test('lists what the server has at hand, and then watches with bookmarks', async () => {
    await withReflector({}, async ({ server, put, converged }) => {
      put('a', '1')
      await converged()
      put('b', '2')
      await converged()
      const [list, watch] = server.requests
      expect(list?.query.get('resourceVersion')).toBe('0')
      expect(list?.query.get('limit')).toBe('500')
      expect(watch?.query.get('allowWatchBookmarks')).toBe('true')
      const timeout = Number(watch?.query.get('timeoutSeconds'))
      expect(timeout).toBeGreaterThanOrEqual(300)
      expect(timeout).toBeLessThanOrEqual(600)
      expect(server.requests).toHaveLength(2)
    })
  })

  test('reads lists of many pages, all of one moment', async () => {
    const prepare = ({ objects }: FakeApiServer) => {
      for (let index = 0; index < 1201; index += 1) {
        const metadata = { namespace: 'ns', name: `n${index}` }
        objects.put('configmaps', { metadata, data: { value: 'x' } })
      }
    }
    await withReflector({ prepare }, async ({ server, reflector, converged }) => {
      await converged()
      expect(reflector.items().size).toBe(1201)
      const [, second] = server.requests
      expect(server.requests.filter(({ verb }) => verb === 'list')).toHaveLength(3)
      expect(second?.query.get('resourceVersion')).toBeNull()
    })
  })

  test('goes on from the last version after a bookmark when the server ends the watch', async () => {
    await withReflector({}, async ({ server, reflector, put, converged, problems }) => {
      await converged()
      server.objects.put('secrets', { metadata: { namespace: 'ns', name: 'elsewhere' } })
      await until(() => {
        expect(reflector.counters.bookmarks).toBeGreaterThan(0)
      })
      await delay(100)
      server.resetWatches()
      put('a', '1')
      await converged()
      const watches = server.requests.filter(({ verb }) => verb === 'watch')
      expect(watches.map(({ query }) => query.get('resourceVersion'))).toEqual(['100', '101'])
      expect(problems.map(({ during }) => during)).toEqual(['watch'])
    })
  })

  test('backs off from watches that end as soon as they begin', async () => {
    const prepare = (server: FakeApiServer) => {
      server.fail('endsAtOnce', 'watch', { times: 1000 })
    }
    const timing = { backoff: { leastMs: 50, mostMs: 1000 } }
    await withReflector({ prepare, timing }, async ({ reflector }) => {
      await delay(400)
      expect(reflector.counters.watches).toBeGreaterThan(1)
      expect(reflector.counters.watches).toBeLessThan(8)
    })
  })

  test('notices a connection on which nothing comes any more, not even bookmarks', async () => {
    await withReflector({}, async ({ server, reflector, put, converged, problems }) => {
      server.fail('halfOpen')
      put('a', '1')
      await until(() => {
        expect(server.requests.filter(({ verb }) => verb === 'watch')).toHaveLength(1)
      })
      put('a', '2')
      await converged()
      expect(reflector.counters.silences).toBe(1)
      // The server may just have had nothing to say: that is nothing to complain of.
      expect(problems).toEqual([])
    })
  })

  test('says how far it may be behind: what it opens again counts, and what fails does not', async () => {
    await withReflector({}, async ({ server, reflector, converged }) => {
      await converged()
      // No bookmarks, as some servers do: a quiet watch is opened again and again.
      server.fail('halfOpen', 'watch', { times: 1000 })
      server.resetWatches()
      await delay(900)
      expect(reflector.counters.silences).toBeGreaterThan(0)
      expect(reflector.behindMs).toBeLessThan(500)
      server.heal()
      server.fail('unavailable', ['list', 'watch'], { times: 1000 })
      server.resetWatches()
      await delay(700)
      expect(reflector.behindMs).toBeGreaterThan(600)
      expect(reflector.synced).toBe(true)
    })
  })

  test('leaves a quiet watch alone as long as bookmarks come', async () => {
    await withReflector({}, async ({ reflector, converged }) => {
      await converged()
      await delay(700)
      expect(reflector.counters).toMatchObject({ watches: 1, lists: 1, failures: 0 })
    })
  })

  const resumed = [
    'resetWatch',
    'errorEvent',
    'unavailable',
    'serverError',
    'halfLine',
    'mute',
  ] as const
  test.each(resumed)('survives "%s" in a watch, without another list', async (fault) => {
    await withReflector({}, async ({ server, reflector, put, converged, problems }) => {
      server.fail(fault, 'watch', { times: 2 })
      put('a', '1')
      await converged()
      await until(() => {
        expect(reflector.counters.watches).toBeGreaterThan(2)
      })
      put('b', '2')
      await converged()
      expect(reflector.counters.lists).toBe(1)
      // Half a line at the end is the same as a connection that ended: what was lost comes again.
      expect(problems).toHaveLength(fault === 'halfLine' ? 0 : 2)
    })
  })

  const relisted = ['goneByStatus', 'goneByEvent', 'garbage', 'notAnObject'] as const
  test.each(relisted)('lists again after "%s", and tells of it', async (fault) => {
    await withReflector({}, async ({ server, reflector, put, remove, converged, problems }) => {
      put('gone', '1')
      await converged()
      server.fail(fault)
      server.objects.oldest = 0
      server.resetWatches()
      remove('gone')
      put('a', '1')
      await converged()
      await until(() => {
        expect(reflector.counters.lists).toBe(2)
      })
      // What was known must not be older after the second list than it was before.
      const lists = server.requests.filter(({ verb }) => verb === 'list')
      expect(lists.map(({ query }) => query.get('resourceVersion'))).toEqual(['0', null])
      expect(problems.some(({ during }) => during === 'watch')).toBe(true)
    })
  })

  test('slows down when every watch is Gone', async () => {
    const timing = { backoff: { leastMs: 40, mostMs: 1000 } }
    await withReflector({ timing }, async ({ server, reflector, converged }) => {
      await converged()
      server.fail('goneByStatus', 'watch', { times: 1000 })
      server.resetWatches()
      await delay(500)
      expect(reflector.counters.lists).toBeGreaterThan(1)
      expect(reflector.counters.lists).toBeLessThan(8)
    })
  })

  test('lists again when a server refuses the version time after time, as after a restore', async () => {
    await withReflector({}, async ({ server, reflector, converged }) => {
      await converged()
      server.fail('serverError', 'watch', { times: 4 })
      server.resetWatches()
      await until(() => {
        expect(reflector.counters.lists).toBe(2)
      })
    })
  })

  test('reads its token again after a 401', async () => {
    const tokens = ['old', 'new', 'newest']
    const readToken = () => tokens[0] ?? ''
    const prepare = (server: FakeApiServer) => {
      server.token = 'old'
    }
    await withReflector({ readToken, prepare }, async ({ server, put, converged, problems }) => {
      await converged()
      // A watch still under way would meet the 401 only, which is no problem to report.
      await until(() => {
        expect(server.openWatches).toBe(1)
      })
      tokens.shift()
      server.token = 'new'
      server.resetWatches()
      put('a', '1')
      await converged()
      expect(problems).toHaveLength(1)
      await until(() => {
        expect(server.openWatches).toBe(1)
      })
      // The server knows of the next token later than we do.
      server.token = 'newest'
      server.resetWatches()
      await delay(100)
      tokens.shift()
      put('b', '1')
      await converged()
    })
  })

  test('waits as long as a 429 asks for', async () => {
    await withReflector({}, async ({ server, put, converged }) => {
      await converged()
      server.fail('tooManyRequests', 'watch', { retryAfter: 1 })
      const before = performance.now()
      server.resetWatches()
      put('a', '1')
      await converged()
      expect(performance.now() - before).toBeGreaterThan(1000)
    })
  })

  const lists = [
    'serverError',
    'unavailable',
    'goneByStatus',
    'garbage',
    'resetWatch',
    'mute',
  ] as const
  test.each(lists)(
    'goes on after "%s" of the first list, and is synced only then',
    async (fault) => {
      const prepare = (server: FakeApiServer) => {
        server.fail(fault, 'list', { times: 3, delayMs: 0 })
      }
      const timing = { listTimeoutMs: 200 }
      await withReflector({ prepare, timing }, async ({ reflector, put, converged }) => {
        expect(reflector.synced).toBe(false)
        put('a', '1')
        await reflector.whenSynced()
        await converged()
        expect(reflector.lastError).toBeUndefined()
      })
    },
  )

  test('takes an event that comes twice for one', async () => {
    const seen: Change<string>[] = []
    await withReflector({}, async ({ server, reflector, put, remove, converged }) => {
      server.fail('duplicated')
      reflector.onChange((changes) => seen.push(...changes))
      await converged()
      put('a', '1')
      put('a', '2')
      remove('a')
      put('last', '1')
      await converged()
      expect(seen.map(({ type, key }) => `${type} ${key}`)).toEqual([
        'Added ns/a',
        'Modified ns/a',
        'Deleted ns/a',
        'Added ns/last',
      ])
    })
  })

  test('audits what its watch told, takes over what that missed, and counts it', async () => {
    await withReflector(
      { timing: { auditMs: 150 } },
      async ({ server, reflector, put, remove, converged }) => {
        put('changed', '1')
        put('gone', '1')
        put('same', '1')
        await converged()
        await until(() => {
          expect(reflector.counters.audits).toBeGreaterThan(0)
        })
        expect(reflector.counters.misses).toBe(0)
        server.fail('bookmarksOnly', 'watch', { times: 1000 })
        server.resetWatches()
        await delay(60)
        put('changed', '2')
        put('new', '1')
        remove('gone')
        await converged()
        expect(reflector.counters.misses).toBe(3)
      },
    )
  })

  test('tells a listener that threw of the same change again', async () => {
    await withReflector({}, async ({ reflector, put, remove, converged, problems }) => {
      await converged()
      const seen: string[] = []
      const others: string[] = []
      let broken = true
      reflector.onChange((changes) => {
        if (broken) throw new Error('not now')
        seen.push(...changes.map(({ type, key, item }) => `${type} ${key} ${item}`))
      })
      reflector.onChange((changes) => others.push(...changes.map(({ key }) => key)))
      put('a', '1')
      put('a', '2')
      put('b', '1')
      remove('b')
      await converged()
      await until(() => {
        expect(others).toEqual(['ns/a', 'ns/a', 'ns/b', 'ns/b'])
      })
      expect(seen).toEqual([])
      expect(problems.every(({ during }) => during === 'listener')).toBe(true)
      broken = false
      await until(() => {
        expect(seen).toEqual(['Added ns/a 2', 'Deleted ns/b 1'])
      })
    })
  })

  test('keeps going when one object cannot be read', async () => {
    await withReflector({}, async ({ server, put, reflector, converged }) => {
      const metadata = { namespace: 'ns', name: 'odd' }
      server.objects.put('configmaps', { metadata, data: { value: undefined } })
      put('a', '1')
      await until(() => {
        expect([...reflector.items().keys()]).toEqual(['ns/a'])
      })
      server.objects.remove('configmaps', 'ns', 'odd')
      await converged()
    })
  })
})

describe('A reflector that is stopped', () => {
  test('during a list opens no watch afterwards', async () => {
    const prepare = (server: FakeApiServer) => {
      server.fail('slow', 'list', { delayMs: 150 })
    }
    await withReflector({ prepare }, async ({ server, reflector }) => {
      await until(() => {
        expect(server.requests).toHaveLength(1)
      })
      await reflector.stop()
      await delay(250)
      expect(server.requests.map(({ verb }) => verb)).toEqual(['list'])
      expect(reflector.synced).toBe(false)
    })
  })

  test('has no watch and calls nobody, and can start again', async () => {
    await withReflector({}, async ({ server, reflector, put, converged }) => {
      await converged()
      await until(() => {
        expect(server.openWatches).toBe(1)
      })
      let calls = 0
      reflector.onChange(() => (calls += 1))
      await reflector.stop()
      await until(() => {
        expect(server.openWatches).toBe(0)
      })
      put('a', '1')
      await delay(50)
      expect(calls).toBe(0)
      reflector.start()
      reflector.start()
      await converged()
      expect(calls).toBe(1)
      await until(() => {
        expect(server.openWatches).toBe(1)
      })
    })
  })

  test('by a listener that then throws leaves no timer', async () => {
    await withReflector({}, async ({ reflector, put, converged }) => {
      await converged()
      let calls = 0
      reflector.onChange(() => {
        calls += 1
        void reflector.stop()
        throw new Error('stopped')
      })
      put('a', '1')
      await delay(200)
      expect(calls).toBe(1)
    })
  })
})
