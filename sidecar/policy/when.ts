/** Whether the condition of a rule holds for a statement. */

import { displayObject } from '../catalog/names.ts'
import { printFunction, printName } from '../sql/names.ts'
import type { ColumnAccess } from './column-access.ts'
import type { ConditionEnvironment } from './conditions/index.ts'
import { asksStatement, type RankedRule } from './rule-set.ts'
import type { StatementCase } from './statement-case.ts'

/** `later`: it asks what only the catalogue tells, which was not asked yet. */
export type Holding = boolean | 'failed' | 'later'

/** Works out each condition, and what it is asked about, once for a statement. */
export function conditions(statementCase: () => StatementCase): (ranked: RankedRule) => Holding {
  const known = new Map<RankedRule, boolean | 'failed'>()
  let environment: ConditionEnvironment | undefined
  return (ranked) => {
    if (ranked.condition === undefined) return true
    if (statementCase().columns === undefined && asksStatement(ranked.rule)) return 'later'
    let held = known.get(ranked)
    if (held === undefined) {
      held = ranked.condition.holds((environment ??= environmentOf(statementCase())))
      known.set(ranked, held)
    }
    return held
  }
}

/** Of rules that give. A condition that fails gives nothing by itself, but a person may. */
export function mayApply({ holds }: Pick<StatementCase, 'holds'>, ranked: RankedRule): boolean {
  const held = holds(ranked)
  return held === 'failed' ? ranked.rule.action === 'RequireApproval' : held !== false
}

function environmentOf(statementCase: StatementCase): ConditionEnvironment {
  const { principal, facts, session, columns = [], now } = statementCase
  const { accesses, behind, heads } = statementCase
  const objects = [...accesses.map(({ object }) => object), ...behind, ...heads]
  return {
    principal: {
      provider: principal.provider,
      issuer: principal.issuer,
      subject: principal.subject,
      groups: principal.groups,
      claims: principal.claims,
      run: principal.run ?? '',
    },
    statement: {
      // `CreateTable` → `create-table`
      kind: facts.kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase(),
      class: facts.class,
      objects: unique(objects.map(displayObject)),
      columns: unique(columns.map(displayColumn)),
      functions: unique(facts.functions.map(printFunction)),
      masked: unique(columns.filter((column) => column.protected).map(displayColumn)),
    },
    session: {
      role: session.grant.role,
      warehouse: session.grant.warehouse,
      database: session.context.database ?? '',
      schema: session.context.schema ?? '',
    },
    now,
  }
}

export function displayColumn({ relation, column }: ColumnAccess): string {
  return `${displayObject(relation)}.${printName([column])}`
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
