import { describe, expect, test } from 'vitest'

import { parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'
import { refusal } from './support.ts'

type Case = readonly [sql: string, kind: string, expected: Omit<Summary, 'kind' | 'class'>]

const cases: readonly Case[] = [
  [
    'PUT file:///tmp/*.csv @s/p PARALLEL = 4 AUTO_COMPRESS = FALSE',
    'Put',
    { urls: ['file:///tmp/*.csv'], stages: ['Write @s/p'] },
  ],
  [
    String.raw`put file://c:\temp\x @~ source_compression = 'auto_detect' overwrite=true`,
    'Put',
    { urls: [String.raw`file://c:\temp\x`], stages: ['Write @~'] },
  ],
  [
    "PUT 'file:///tmp/a b' '@db.s.%t/a b'",
    'Put',
    { urls: ['file:///tmp/a b'], stages: ['Write @db.s.%t/a b'] },
  ],
  [
    'PUT file:///tmp/x @"My Stage"/p',
    'Put',
    { urls: ['file:///tmp/x'], stages: ['Write @"My Stage"/p'] },
  ],
  [
    "GET @s/p file:///tmp/ PATTERN = '.*' PARALLEL = 2",
    'Get',
    { urls: ['file:///tmp/'], stages: ['Read @s/p'], effects: ['unloads'] },
  ],
  [
    "GET '@s/a b' 'file:///tmp'",
    'Get',
    { urls: ['file:///tmp'], stages: ['Read @s/a b'], effects: ['unloads'] },
  ],
  [
    "PUT 'file:///tmp/x' ? PARALLEL = 4",
    'Put',
    { urls: ['file:///tmp/x'], dynamic: ['a stage given by bind 1'] },
  ],
  ['LIST :stage', 'List', { dynamic: ['a stage given by bind STAGE'] }],
  ['LIST @s', 'List', { stages: ['List @s'] }],
  ["ls @repo/branches/main PATTERN = '.*'", 'List', { stages: ['List @repo/branches/main'] }],
  ["LIST '@db..s/p' PATTERN = $p", 'List', { stages: ['List @db..s/p'] }],
  ["LIST 'snow://notebook/n/versions/live'", 'List', { urls: ['snow://notebook/n/versions/live'] }],
  ['REMOVE @%t/x', 'Remove', { stages: ['Remove @%t/x'] }],
  ["rm @~ pattern='.*x.*'", 'Remove', { stages: ['Remove @~'] }],
]

describe('files and stages', () => {
  test.each(cases)('%s', (sql, kind, expected) => {
    expect(summary(sql)).toEqual({ kind, class: 'FileTransfer', ...expected })
  })
  wholeStatements(cases.map(([sql]) => sql))

  test.each([
    "PUT 'file:///tmp/x' '@s' 'x'",
    "PUT file:///tmp/x '@s' 'x'",
    "LIST '@s' 'x'",
    "SELECT 1; SELECT 'a' 'b'",
  ])('only PUT and GET take two strings side by side: %s', (sql) => {
    expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlLexical')
  })

  syntaxErrors([
    "PUT 'file:///tmp/x' X'00'",
    "PUT 'file:///tmp/x' 'x'",
    "GET '@s' '@u'",
    'PUT ? @s',
    'PUT',
    'PUT file:///tmp/x',
    'PUT @s file:///tmp/x',
    "PUT 'x' @s",
    "PUT 'file://' @s",
    "PUT 's3://b/x' @s",
    'PUT file:///tmp/x t',
    'PUT file:///tmp/x @s @u',
    'PUT file:///tmp/x @s PATTERN = x',
    'PUT file:///tmp/x @s OVERWRITE',
    'PUT file:///tmp/x @s OVERWRITE = TRUE OVERWRITE = FALSE',
    'GET',
    'GET @s',
    'GET file:///tmp @s',
    'GET t file:///tmp',
    'GET @s file:///tmp AUTO_COMPRESS = TRUE',
    'LIST',
    'LIST t',
    'LIST @s @u',
    "LIST @s '.*'",
    'LIST @s PATTERN',
    "LIST @s LIKE 'x'",
    "LIST 'x'",
    'LS @s FORCE = TRUE',
    'REMOVE',
    'REMOVE t',
    "REMOVE @s PATTERN = 'a' PATTERN = 'b'",
    'RM @s IF EXISTS',
  ])
})
