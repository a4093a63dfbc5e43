/** The order of the suites, whatever vitest remembers of earlier runs. */

import { basename } from 'node:path'

import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What needs a cluster that nobody has touched; the others install what they need. */
const first = ['getting-started', 'chart', 'api', 'kube', 'harness']
/** What leaves traces: a CA that ends soon, operators that were killed. */
const last = ['rotation', 'faults', 'install']

export default class Order extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => compare(nameOf(a), nameOf(b))))
  }
}

function nameOf({ moduleId }: TestSpecification): string {
  return basename(moduleId, '.test.ts')
}

function compare(a: string, b: string): number {
  return placeOf(a) - placeOf(b) || (a < b ? -1 : Number(a > b))
}

function placeOf(name: string): number {
  const early = first.indexOf(name)
  if (early >= 0) return early
  const late = last.indexOf(name)
  return late >= 0 ? first.length + 1 + late : first.length
}
