import { describe, expect, test } from 'vitest'
import { catalogProvider, type CatalogSession } from '../../../sidecar/catalog/provider.ts'
import type { UpstreamAnswer } from '../../../sidecar/upstream/answer.ts'
import { name } from './support.ts'

/** Sessions that know one table, and what they were asked. */
function provider(readTags = false) {
  const asked: string[] = []
  const open = (role: string): Promise<CatalogSession> =>
    Promise.resolve({
      query: ({ sql }) => {
        asked.push(`${role} ${/INFORMATION_SCHEMA\.(\w+)/.exec(sql)?.[1] ?? ''}`)
        return Promise.resolve(answerTo(sql))
      },
      close: () => Promise.resolve(),
    })
  return { asked, provider: catalogProvider({ open, maxAgeMs: 1000, now: () => 0, readTags }) }
}

function answerTo(sql: string): UpstreamAnswer {
  if (sql.includes('TAG_REFERENCES')) {
    return { ok: false, code: '003001', sqlState: '42501', message: 'no', queryId: null }
  }
  const rows = sql.includes('.TABLES')
    ? [['BASE TABLE', 'NO', '7']]
    : [['ID', 'NUMBER', null, '38', '0', 'NO', null]]
  return { ok: true, rows, total: rows.length, chunks: [] } as unknown as UpstreamAnswer
}

const table = name('DB.S.T')

describe('the catalogues of several roles and warehouses', () => {
  test('are one for each, read under its role', async () => {
    const { provider: catalogs, asked } = provider()
    expect(catalogs.forRole('A', 'W')).toBe(catalogs.forRole('A', 'W'))
    await catalogs.forRole('A', 'W').relation(table)
    await catalogs.forRole('B', 'W').relation(table)
    expect(asked).toEqual(['A TABLES', 'A COLUMNS', 'B TABLES', 'B COLUMNS'])
  })

  test('all forget what one session changed', async () => {
    const { provider: catalogs, asked } = provider()
    const [one, other] = [catalogs.forRole('A', 'W'), catalogs.forRole('A', 'X')]
    await other.relation(table)
    one.forget(table)
    await other.relation(table)
    expect(asked.filter((text) => text === 'A TABLES')).toHaveLength(2)
    one.invalidate()
    expect(other.epoch).toBe(1)
    await other.relation(table)
    expect(asked.filter((text) => text === 'A TABLES')).toHaveLength(3)
  })

  test('read tags only for rules that go by them, and refused ones are unknown', async () => {
    expect((await provider().provider.forRole('A', 'W').relation(table))?.tags).toBeNull()
    const { provider: catalogs, asked } = provider(true)
    expect((await catalogs.forRole('A', 'W').relation(table))?.tags).toBeNull()
    expect(asked).toContain('A TAG_REFERENCES_ALL_COLUMNS')
  })
})
