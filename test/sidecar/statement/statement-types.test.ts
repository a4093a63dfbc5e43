import { expect, test } from 'vitest'

import { statementTypes } from '../../../sidecar/statement/statement-types.ts'

test('SHOW and DESCRIBE of anything have the type of their family', () => {
  expect(statementTypes('ShowTables')).toEqual([0x4400])
  expect(statementTypes('DescribeView')).toEqual([0x4500])
})

test('What does not run has no type that an answer could have', () => {
  expect(statementTypes('DropTable')).toEqual([])
  expect(statementTypes('Showtables')).toEqual([])
})
