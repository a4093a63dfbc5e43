/** The PolicyTests of a folder: in it, beside the policies, and in its folder `tests`. */

import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { valueAt } from '../../crds/field-path.ts'
import { readDocuments } from '../../operator/store/documents.ts'
import { readFolder } from '../../operator/store/folder.ts'
import { sortProblems, type Problem } from '../../operator/store/problem.ts'
import { problemsError } from '../configuration.ts'
import { CliError } from '../output.ts'
import { readPolicyTest, type PolicyTest } from './policy-test.ts'

export interface FoundTest {
  readonly file: string
  readonly test: PolicyTest
  /** As it can be opened from here. */
  readonly catalogFile: string | undefined
}

/** In order of file. Errors: CliError, also where there is none: no tests is no success. */
export async function findTests(directory: string): Promise<readonly FoundTest[]> {
  const folders = [directory, ...(await existing(join(directory, 'tests')))]
  const read = await Promise.all(folders.map(testsIn))
  const problems = read.flatMap((each) => each.problems)
  if (problems.length > 0) throw problemsError(`the tests of ${directory}`, sortProblems(problems))
  const tests = read.flatMap((each) => each.tests)
  if (tests.length > 0) return tests
  throw new CliError(
    `${directory} holds no PolicyTest. Write one as docs/cli.md shows, in ${join(directory, 'tests', 'policies.test.yaml')}.`,
  )
}

async function existing(folder: string): Promise<readonly string[]> {
  const found = await stat(folder).catch(() => undefined)
  return found?.isDirectory() === true ? [folder] : []
}

async function testsIn(folder: string) {
  const { files, problems } = await readFolder(folder)
  const tests: FoundTest[] = []
  const found: Problem[] = [...problems]
  for (const { file, text } of files) {
    const isTest = /\.test\.ya?ml$/i.test(file)
    const read = readDocuments(file, text)
    // Problems of the policies themselves are told when these are read.
    if (isTest) found.push(...read.problems)
    for (const document of read.documents) {
      const kind = valueAt(document.value, ['kind'])
      if (kind === 'PolicyTest' || (isTest && kind !== 'Catalog')) {
        const result = readPolicyTest(document)
        if ('problems' in result) found.push(...result.problems)
        else tests.push({ file, test: result.test, catalogFile: catalogOf(file, result.test) })
      }
    }
  }
  return { tests, problems: found }
}

function catalogOf(file: string, { catalog }: PolicyTest): string | undefined {
  return catalog === undefined ? undefined : join(dirname(file), catalog)
}

/** How a suite is called. */
export function suiteName({ file, test }: FoundTest): string {
  return test.metadata?.name ?? basename(file).replace(/\.test\.ya?ml$|\.ya?ml$/i, '')
}
