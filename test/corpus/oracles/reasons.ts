/**
 * Why an oracle sees other tables than we do. Each reason is a sentence for a reader of the list of
 * differences; where the tree proves it, no person has to.
 */

import type { OracleName } from './oracle.ts'
import {
  followsCondition,
  isInString,
  isRenamedTo,
  isSemanticView,
  looksLikeCte,
} from './proofs.ts'
import type { Evidence } from './proofs.ts'

interface Reason {
  readonly sentence: string
  /** The oracle whose habit this is; any, if there is none. */
  readonly oracle?: OracleName
  /** True only where the tree leaves no doubt, for each table that only we see. */
  readonly lost?: (table: string, evidence: Evidence) => boolean
}

export const reasons = {
  'in-a-string': {
    sentence:
      "The name is in a string, IDENTIFIER('…') or code in `$$`, which the oracle does not read.",
    lost: isInString,
  },
  'condition-takes-list': {
    sentence: 'In `a JOIN b ON (…), c` the oracle takes `c` for a part of the condition.',
    oracle: 'node-sql-parser',
    lost: followsCondition,
  },
  dual: {
    sentence: 'The oracle reads FROM DUAL as no table at all.',
    oracle: 'node-sql-parser',
    lost: (table) => table === 'dual',
  },
  'unload-source': {
    sentence: 'The oracle reads the table of `COPY INTO @stage FROM t` as a column.',
    oracle: 'polyglot',
    lost: (_table, { facts }) => facts.every((each) => each.class === 'Unload'),
  },
  'rename-target': {
    sentence: 'The oracle leaves out the new name of ALTER … RENAME TO.',
    oracle: 'node-sql-parser',
    lost: isRenamedTo,
  },
  'semantic-view': {
    sentence: 'The oracle does not know SEMANTIC_VIEW, and so not the view in it.',
    lost: isSemanticView,
  },
  'letter-case': {
    sentence: 'The oracle takes a table for a common table expression that only looks alike.',
    lost: looksLikeCte,
  },
  'empty-schema': {
    sentence: 'In `db..t` the schema is PUBLIC, which the oracle leaves empty or out.',
  },
} as const satisfies Readonly<Record<string, Reason>>

export type ReasonCode = keyof typeof reasons

const all: Readonly<Record<string, Reason>> = reasons

export function isReason(code: string): code is ReasonCode {
  return Object.hasOwn(all, code)
}

/** Is the reason found by proof alone? What a person wrote then counts for nothing. */
export function isProvable(code: string): boolean {
  return all[code]?.lost !== undefined
}

/** The first reason that is proven for all that differs; undefined where a person has to look. */
export function provenReason(evidence: Evidence): ReasonCode | undefined {
  const { ours, theirs, oracle: asked } = evidence
  if (theirs.length > 0) return undefined
  const proven = Object.entries(all).find(
    ([, { oracle, lost }]) =>
      lost !== undefined &&
      (oracle === undefined || oracle === asked) &&
      ours.every((table) => lost(table, evidence)),
  )?.[0]
  return proven !== undefined && isReason(proven) ? proven : undefined
}
