import { describe, expect, test } from 'vitest'

import { statementRequest } from '../../../sidecar/statement/request.ts'

describe('a query-request', () => {
  test('keeps what is known and drops the rest', () => {
    const request = statementRequest({
      sqlText: 'SELECT ?',
      bindings: { '1': { type: 'text', value: 'a', schema: {}, extra: 1 } },
      parameters: { TIMEZONE: 'UTC', nested: { a: 1 } },
      isInternal: true,
      queryContextDTO: { entries: [] },
    })
    expect(request).toMatchObject({
      sql: 'SELECT ?',
      bindings: { '1': { type: 'TEXT', value: 'a' } },
      parameters: { TIMEZONE: 'UTC' },
      describeOnly: false,
    })
    expect(Object.keys(request).sort()).toEqual([
      'bindings',
      'describeOnly',
      'digest',
      'parameters',
      'reason',
      'refusal',
      'sql',
    ])
  })

  test('is the same request when sent again, and another when anything differs', () => {
    const digest = (body: Record<string, unknown>) =>
      statementRequest({ sqlText: 'SELECT 1', ...body }).digest
    expect(digest({ querySubmissionTime: 1 })).toBe(digest({ querySubmissionTime: 2 }))
    expect(digest({ describeOnly: true })).not.toBe(digest({}))
    expect(digest({ bindings: { '1': { type: 'TEXT', value: 'a' } } })).not.toBe(digest({}))
    expect(digest({ parameters: { TIMEZONE: 'UTC' } })).not.toBe(digest({}))
  })

  test.each([
    ['a stage of binds', { bindStage: '@SYSTEMBIND/1' }, 'BindStageRefused'],
    ['a dataframe AST alone', { sqlText: '', dataframeAst: 'AAAA' }, 'DataframeAstRefused'],
    [
      'a bind of a structured type',
      { bindings: { 1: { type: 'OBJECT', value: '{}', fmt: 'json', schema: { type: 'object' } } } },
      'BindSchemaRefused',
    ],
  ])('with %s is a statement that is refused', (_what, change, entry) => {
    expect(statementRequest({ sqlText: 'SELECT 1', ...change }).refusal).toMatchObject({ entry })
    expect(statementRequest({ sqlText: 'SELECT 1' }).refusal).toBeUndefined()
  })

  test.each([
    ['text that is no text', { sqlText: 7 }, 'RequestInvalid'],
    ['binds that are a list', { bindings: [] }, 'RequestInvalid'],
    ['a bind without a type', { bindings: { '1': { value: 'a' } } }, 'RequestInvalid'],
    [
      'a bind of an unknown type',
      { bindings: { '1': { type: 'FILE', value: 'a' } } },
      'RequestInvalid',
    ],
    [
      'a bind that holds an object',
      { bindings: { '1': { type: 'TEXT', value: [{}] } } },
      'RequestInvalid',
    ],
    [
      'a bind with an odd name',
      { bindings: { 'a b': { type: 'TEXT', value: 'a' } } },
      'RequestInvalid',
    ],
  ])('with %s is refused', (_what, change, entry) => {
    expect(() => statementRequest({ sqlText: 'SELECT 1', ...change })).toThrow(
      expect.objectContaining({ entry }),
    )
  })
})
