/** What our tree can prove about a table that an oracle does not see. */

import { partsOf, walk } from '../../../sidecar/sql/index.ts'
import type { FromItem, ObjectName, Parsed, StatementFacts } from '../../../sidecar/sql/index.ts'
import type { TableDifference } from './comparison.ts'
import type { OracleName } from './oracle.ts'

/** What there is to judge a difference by. */
export interface Evidence extends TableDifference {
  readonly oracle: OracleName
  readonly statements: readonly Parsed[]
  readonly facts: readonly StatementFacts[]
}

/** Each mention of the table is in a string: `IDENTIFIER('t')`, or code. */
export function isInString(table: string, { statements, facts }: Evidence): boolean {
  const spellings = statements.flatMap(({ tokens }, index) =>
    namesIn(facts[index])
      .filter((name) => printed(name) === table)
      .map(({ span }) => tokens.slice(span.start, span.end)),
  )
  return (
    spellings.length > 0 &&
    spellings.every((tokens) => tokens.some(({ type }) => type === 'string'))
  )
}

/** The table is an item of a FROM behind one that ends in a join's condition. */
export function followsCondition(table: string, { statements }: Evidence): boolean {
  return statements.some(({ statement }) => {
    let found = false
    walk(statement, {
      Select({ from }) {
        const joined = from.findIndex(endsInCondition)
        if (joined !== -1) found ||= from.slice(joined + 1).some((item) => isNamed(item, table))
        return undefined
      },
    })
    return found
  })
}

/** The table is what another is called from now on. */
export function isRenamedTo(table: string, { facts }: Evidence): boolean {
  return facts.some(
    ({ kind, writes }) =>
      kind.startsWith('Alter') &&
      writes.some(({ name, privilege }) => privilege === 'CREATE' && printed(name) === table),
  )
}

/** The table is the view of SEMANTIC_VIEW(…). */
export function isSemanticView(table: string, { statements }: Evidence): boolean {
  return statements.some(({ statement }) => {
    let found = false
    walk(statement, {
      SemanticView({ view }) {
        found ||= printed(view.name) === table
        return undefined
      },
    })
    return found
  })
}

/** A common table expression is called `"x"`, the table `X`. */
export function looksLikeCte(table: string, { statements, facts }: Evidence): boolean {
  const ctes: string[] = []
  for (const { statement } of statements) {
    walk(statement, {
      Cte({ name }) {
        if (name.value.toLowerCase() === table) ctes.push(name.value)
        return undefined
      },
    })
  }
  const stored = facts.flatMap(namesIn).filter((name) => printed(name) === table)
  const found = ctes.length > 0 && stored.length > 0
  return found && stored.every((name) => !ctes.includes(partsOf(name).join('.')))
}

function endsInCondition(item: FromItem): boolean {
  return item.kind === 'Join' && (item.steps.at(-1)?.conditions.length ?? 0) > 0
}

function isNamed(item: FromItem, table: string): boolean {
  return item.kind === 'TableReference' && printed(item.name) === table
}

function printed(name: ObjectName): string {
  return partsOf(name).join('.').toLowerCase()
}

function namesIn(facts: StatementFacts | undefined): readonly ObjectName[] {
  const { reads = [], writes = [], uses = [] } = facts ?? {}
  return [...reads, ...writes, ...uses].map(({ name }) => name)
}
