import { describe, expect, test } from 'vitest'

import { ruleCovers, subjectsCover } from '../../../cli/lint/cover.ts'
import type {
  CompiledPolicy,
  CompiledRule,
  SubjectMatcher,
} from '../../../sidecar/control/bundle.ts'
import { emptyRule } from '../../support/rules.ts'

const rule = (fields: Partial<CompiledRule>): CompiledRule => ({
  ...emptyRule,
  name: 'r',
  action: 'Allow',
  ...fields,
})

const db = { database: 'DB', schema: null, name: null }
const table = { database: 'DB', schema: 'S', name: 'T' }
const column = { ...table, column: 'C' }

describe('one rule says all that another says', () => {
  test.each<[string, Partial<CompiledRule>, Partial<CompiledRule>, boolean]>([
    ['any class covers one', {}, { statements: ['Query'] }, true],
    ['one class does not cover any', { statements: ['Query'] }, {}, false],
    ['a database covers its tables', { objects: [db] }, { objects: [table] }, true],
    ['a table does not cover its database', { objects: [table] }, { objects: [db] }, false],
    ['any object covers a table', {}, { objects: [table] }, true],
    ['a table does not cover any object', { objects: [table] }, {}, false],
    ['a condition covers only what has the same', { when: 'a' }, { when: 'a' }, true],
    ['a condition does not cover what has none', { when: 'a' }, {}, false],
    ['what has no condition covers what has one', {}, { when: 'a' }, true],
    ['a table covers its columns', { objects: [table] }, { columns: [column] }, true],
    ['columns do not cover their table', { columns: [column] }, { objects: [table] }, false],
    ['functions are covered by the same only', { functions: ['F'] }, { functions: ['F'] }, true],
    ['a rule for objects covers no functions', { objects: [db] }, { functions: ['F'] }, false],
    ['a rule for functions covers no object', { functions: ['F'] }, { objects: [table] }, false],
    ['stages are covered as objects are', { stages: [db] }, { stages: [table] }, true],
    ['a rule for objects covers no stages', { objects: [db] }, { stages: [table] }, false],
  ])('%s', (_what, broad, narrow, covers) => {
    expect(ruleCovers(rule(broad), rule(narrow))).toBe(covers)
  })
})

describe('one policy is about all whom another is about', () => {
  const policy = (...subjects: readonly Partial<SubjectMatcher>[]) =>
    ({
      subjects: subjects.map((subject) => ({ provider: 'okta', ...subject })),
    }) as unknown as CompiledPolicy

  test.each<[string, CompiledPolicy, CompiledPolicy, boolean]>([
    ['more groups are wider', policy({ groups: ['a', 'b'] }), policy({ groups: ['a'] }), true],
    ['fewer groups are not', policy({ groups: ['a'] }), policy({ groups: ['a', 'b'] }), false],
    ['a claim more is narrower', policy({}), policy({ claims: { x: '1' } }), true],
    [
      'a claim that differs is not covered',
      policy({ claims: { x: '2' } }),
      policy({ claims: { x: '1' } }),
      false,
    ],
    ['another provider is not covered', policy({ provider: 'x' }), policy({}), false],
    [
      'every entry must be covered',
      policy({ groups: ['a'] }),
      policy({ groups: ['a'] }, { groups: ['b'] }),
      false,
    ],
  ])('%s', (_what, broad, narrow, covers) => {
    expect(subjectsCover(broad, narrow)).toBe(covers)
  })
})
