import { expect, test } from 'vitest'

import { statementTypes } from '../../../sidecar/statement/statement-types.ts'

test('SHOW and DESCRIBE of anything have the type of their family', () => {
  expect(statementTypes('ShowTables')).toEqual([0x4400])
  expect(statementTypes('DescribeView')).toEqual([0x4500])
})

test('Each statement that changes rows has a type of its own', () => {
  const kinds = ['Insert', 'Update', 'Delete', 'Merge', 'InsertAll'].map(statementTypes)
  expect(kinds).toEqual([[0x3100], [0x3200], [0x3300], [0x3400], [0x3500]])
})

test('COPY INTO has a type for each way', () => {
  expect(['CopyIntoTable', 'CopyIntoLocation'].map(statementTypes)).toEqual([[0x3600], [0x3700]])
})

test.each(['CreateTable', 'CreateView', 'DropSchema', 'AlterTable', 'CommentColumn', 'Truncate'])(
  '%s is DDL, of whatever sort, and nothing else',
  (kind) => {
    const types = statementTypes(kind)
    expect([types.includes(0x6000), types.includes(0x6fff)]).toEqual([true, true])
    expect(types.filter((type) => type >> 12 !== 6)).toEqual([])
  },
)

test('What does not run has no type that an answer could have', () => {
  expect(statementTypes('CopyFiles')).toEqual([])
  expect(statementTypes('Showtables')).toEqual([])
})
