/** What the gateways under test are told: the masks of a method, and a policy with some room. */

import { fileURLToPath } from 'node:url'

import { compileDirectory } from '../../../operator/compile/directory.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import type {
  Bundle,
  ColumnPattern,
  CompiledMask,
  CompiledRule,
} from '../../../sidecar/control/bundle.ts'
import type { StatementClass } from '../../../sidecar/sql/facts-types.ts'
import { noLimits } from '../../support/limits.ts'
import { emptyRule } from '../../support/rules.ts'
import type { MethodName } from '../lists/types.ts'
import { methodsUnderTest, type Holding } from './methods.ts'
import { protectedColumns } from './schema.ts'

const quickstart = fileURLToPath(new URL('../../../examples/quickstart', import.meta.url))

const allow = (
  name: string,
  statements: readonly StatementClass[],
  objects: readonly (readonly [string, string | null])[],
  columns: readonly ColumnPattern[] = [],
): CompiledRule => ({
  ...emptyRule,
  name,
  action: 'Allow',
  statements,
  objects: objects.map(([database, schema]) => ({ database, schema, name: null })),
  columns,
})

const writable = [['STAGING', 'PUBLIC']] as const

const rules: readonly CompiledRule[] = [
  allow('read', ['Query'], [['HEALTH', null], ['ANALYTICS', 'PUBLIC'], ['STAGING', 'PUBLIC']]),
  allow('scratch', ['DML', 'DDL', 'Drop', 'Truncate'], writable),
  allow('intake', ['DML'], writable, [{ database: 'STAGING', schema: 'PUBLIC', name: 'INTAKE', column: 'SSN' }]),
] // prettier-ignore

function masksOf(method: MethodName, usage: CompiledMask['usage']): readonly CompiledMask[] {
  const methods = methodsUnderTest[method]
  const joinable = (holding: Holding) => ['hash', 'token'].includes(methods[holding].kind)
  return (Object.keys(methods) as readonly Holding[]).map((holding) => ({
    name: holding,
    namespace: 'default',
    columns: protectedColumns
      .filter(([, , , , held]) => held === holding)
      .map(([database, schema, name, column]) => ({ database, schema, name, column })),
    tags: [],
    subjects: [],
    exceptFor: [],
    method: methods[holding],
    usage: usage === 'Joinable' && !joinable(holding) ? 'Strict' : usage,
  }))
}

/** Issuer and account address are filled in by whoever starts the gateway. */
export async function bundleOf(
  method: MethodName,
  usage: CompiledMask['usage'],
  { issuer, url }: { readonly issuer: string; readonly url: string },
): Promise<Bundle> {
  const compiled = await compileDirectory(quickstart)
  if ('problems' in compiled) throw new Error('the quickstart does not compile')
  const { connection, policies } = compiled.bundle
  return sealBundle({
    ...compiled.bundle,
    connection: {
      ...connection,
      url,
      identityProviders: connection.identityProviders.map((each) => ({ ...each, issuer })),
    },
    policies: policies.map((policy) => ({ ...policy, rules, limits: noLimits })),
    masks: masksOf(method, usage),
  })
}
