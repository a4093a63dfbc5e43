/** Each mutant takes out a guard that is there: its text stands once in its file. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { mutants } from './mutants/mutants.ts'

const root = join(import.meta.dirname, '../..')

test.each(mutants.map(({ name, file, find }) => [name, file, find] as const))(
  '%s: its text stands once in %s',
  (_name, file, find) => {
    expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2)
  },
)
