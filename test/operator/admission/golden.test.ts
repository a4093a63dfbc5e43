/** `UPDATE_GOLDEN=1 npx vitest run test/operator/admission/golden.test.ts` writes what is expected. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'

import { inject } from '../../../operator/admission/inject/inject.ts'
import { verify, verifyRunning } from '../../../operator/admission/verify/verify.ts'
import { findPod, type FoundPod } from '../../../operator/admission/workloads.ts'
import { context } from './support/context.ts'

const folder = join(import.meta.dirname, 'golden')
const names = readdirSync(folder)
  .filter((file) => !file.endsWith('.injected.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''))
const update = process.env['UPDATE_GOLDEN'] === '1'

function found(name: string): FoundPod {
  const search = findPod(parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')))
  if (!('withPod' in search)) throw new Error(`${name} has no pod`)
  return search
}

function outcome({ pod, withPod }: FoundPod): string {
  const result = inject(pod, context)
  const documents =
    'refusals' in result
      ? [{ refusals: result.refusals }]
      : [
          withPod(result.pod),
          ...(result.warnings.length === 0 ? [] : [{ warnings: result.warnings }]),
        ]
  return documents
    .map((value) => stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n')
}

describe('A pod from the real world becomes', () => {
  test.each(names)('%s', (name) => {
    const file = join(folder, `${name}.injected.yaml`)
    const text = outcome(found(name))
    if (update) writeFileSync(file, text)
    expect(text).toBe(readFileSync(file, 'utf8'))
  })

  test('what is on its list: forty shapes at least', () => {
    expect(names.length).toBeGreaterThanOrEqual(40)
  })
})

describe('What was injected', () => {
  test.each(names)('into %s is verified, and is not injected twice', (name) => {
    const result = inject(found(name).pod, context)
    if ('refusals' in result) return
    expect(verify(result.pod, context)).toEqual([])
    expect(verifyRunning(result.pod, context)).toEqual([])
    expect(inject(result.pod, context)).toEqual(result)
  })
})
