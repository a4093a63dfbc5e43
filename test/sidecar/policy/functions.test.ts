import { expect, test } from 'vitest'
import { functionKind } from '../../../sidecar/masking/functions.ts'
import { builtInFamilies, isBuiltIn } from '../../../sidecar/policy/functions.ts'

test('masking knows every built-in aggregate and window function as what it is', () => {
  for (const name of builtInFamilies['aggregate'] ?? []) {
    expect([name, functionKind([name])]).toEqual([name, 'aggregate'])
  }
  for (const name of builtInFamilies['window'] ?? []) {
    expect([name, functionKind([name])]).toEqual([name, 'window'])
  }
})

test('no name is listed twice', () => {
  const names = Object.values(builtInFamilies).flat()
  expect(names).toHaveLength(new Set(names).size)
})

test('no function is listed that changes with the call, reads elsewhere or runs text', () => {
  const out =
    /^(AI_|SYSTEM\$|SNOWFLAKE|GET_(DDL|PRE|STAGE|ABS|REL)|RAND|UNIFORM|NORMAL|ZIPF|UUID|ENCRYPT|DECRYPT)/
  const names = Object.values(builtInFamilies).flat()
  expect(names.filter((name) => out.test(name))).toEqual([])
  const span = { start: 0, end: 1 }
  for (const name of ['RESULT_SCAN', 'TO_QUERY', 'EXTERNAL_FUNCTION', 'INFER_SCHEMA']) {
    expect(isBuiltIn({ name: [name], type: 'Table', span })).toBe(false)
  }
})
