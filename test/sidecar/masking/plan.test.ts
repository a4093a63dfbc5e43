import { describe, expect, test } from 'vitest'
import { integer, plan, schema, ssnMask, table } from './fixture.ts'

describe('what the plan says of the result', () => {
  test('one entry per output, with a check where a protected column comes out unchanged', () => {
    const { outputs } = plan('SELECT p.*, ssn AS x, UPPER(ssn), id + 1 AS y FROM patients p')
    expect(outputs?.map(({ name, image }) => [name, image !== null])).toEqual([
      ['ID', false],
      ['NAME', false],
      ['SSN', true],
      ['CITY', false],
      ['X', true],
      [null, false],
      ['Y', false],
    ])
    const image = outputs?.[2]?.image
    expect(image?.('*******3456')).toBe(true)
    expect(image?.(null)).toBe(true)
    expect(image?.('900-12-3456')).toBe(false)
  })

  test('through views, CTEs and UNION ALL of protected columns', () => {
    const images = (sql: string) => plan(sql).outputs?.map(({ image }) => image !== null)
    expect(images('SELECT * FROM v_star')).toEqual([false, false, true, false])
    expect(images('WITH w AS (SELECT ssn FROM patients) SELECT * FROM w')).toEqual([true])
    expect(images('SELECT ssn FROM patients UNION ALL SELECT x FROM v_renamed')).toEqual([true])
    expect(images('SELECT ssn FROM patients UNION ALL SELECT g FROM guess')).toEqual([false])
  })

  test('a derived table does not see what stands before it in FROM', () => {
    const { outputs } = plan('SELECT (SELECT d.x FROM visits, (SELECT ssn AS x) d) FROM patients')
    expect(outputs?.[0]?.image).not.toBeNull()
  })

  test('a derived view column comes out as NULL and nothing else', () => {
    const relations = [...schema, table('V', { N: integer }, 'SELECT LENGTH(ssn) FROM patients')]
    const [output] = plan('SELECT n FROM v', { relations }).outputs ?? []
    expect([output?.image?.(null), output?.image?.('11')]).toEqual([true, false])
  })

  test('it is silent where width or order cannot be told', () => {
    expect(plan('SELECT * FROM patients JOIN visits ON id = pid').outputs).toHaveLength(7)
    expect(plan('SELECT * FROM patients a JOIN v_star b USING (id)').outputs).toBeNull()
    expect(plan('SHOW TABLES').outputs).toBeNull()
  })
})

describe('what the plan says of the statement', () => {
  test('masked columns are those of the relations read, each once', () => {
    const planned = plan('SELECT a.id FROM patients a, patients b, v_renamed, guess')
    expect(planned.maskedColumns).toEqual(['DB.S.PATIENTS.SSN', 'DB.S.V_RENAMED.X'])
    expect(planned.touchesProtected).toBe(true)
  })

  test('a statement that reads nothing protected touches nothing', () => {
    expect(plan('SELECT g FROM guess')).toMatchObject({
      maskedColumns: [],
      touchesProtected: false,
    })
  })

  test('statements about the session have nothing to rewrite', () => {
    expect(plan('USE SCHEMA db.s', { masks: [ssnMask] })).toMatchObject({
      replacements: [],
      touchesProtected: false,
    })
  })
})
