/** Judges the cases of PolicyTests. */

import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { Judgement } from '../../sidecar/statement/judgement.ts'
import { judge } from '../../sidecar/statement/judge.ts'
import { readCatalogFile, type Catalogue } from '../catalog-file/read.ts'
import { catalogOf } from '../catalog-file/source.ts'
import { principalFrom } from '../explain/identity.ts'
import { storedName } from '../explain/names.ts'
import { suiteName, type FoundTest } from './find.ts'
import type { TestCase } from './policy-test.ts'

/** A case with all that its file says besides. */
export interface Planned {
  readonly suite: string
  readonly file: string
  readonly test: FoundTest['test']
  readonly case: TestCase
  readonly catalog: Catalogue | undefined
}

/** Cases whose `suite/name` has `filter` in it. Errors: CliError for a catalogue file. */
export async function planCases(
  tests: readonly FoundTest[],
  filter = '',
): Promise<readonly Planned[]> {
  const catalogs = new Map<string, Promise<Catalogue>>()
  const planned: Planned[] = []
  for (const found of tests) {
    const suite = suiteName(found)
    const { file, test, catalogFile } = found
    const cases = test.cases.filter(({ name }) =>
      `${suite}/${name}`.toLowerCase().includes(filter.toLowerCase()),
    )
    if (cases.length === 0) continue
    let catalog: Catalogue | undefined
    if (catalogFile !== undefined) {
      const reading = catalogs.get(catalogFile) ?? readCatalogFile(catalogFile)
      catalogs.set(catalogFile, reading)
      catalog = await reading
    }
    planned.push(...cases.map((each) => ({ suite, file, test, case: each, catalog })))
  }
  return planned
}

/** Errors: CliError for an identity or a name that cannot be read. */
export async function judgeCase(
  { test, case: each, catalog }: Planned,
  bundle: Bundle,
): Promise<Judgement> {
  const identity = test.identities[each.as]
  if (identity === undefined) throw new Error(`identity ${each.as} was not checked`)
  const { provider, subject, groups = [], claims = {} } = identity
  const session = { ...test.session, ...each }
  return await judge({
    bundle,
    principal: principalFrom({ provider, subject, groups, claims }, bundle.connection),
    sql: each.sql,
    requested: { role: session.role, warehouse: session.warehouse },
    context: { database: storedName(session.database), schema: storedName(session.schema) },
    catalog: catalog && ((role) => catalogOf(catalog, role)),
    now: test.now === undefined ? Date.now() : Date.parse(test.now),
  })
}
