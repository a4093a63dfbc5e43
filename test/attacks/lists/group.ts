/** Statements of one kind, numbered: a list says once what they have in common. */

import type { ListedAttack, ListedBenign, ListedOutcome } from './types.ts'

type Row<T extends { readonly sql: string }> = string | (Pick<T, 'sql'> & Partial<T>)

/** `kind`: the class, a slash, and what these are about: `predicate/equality`. */
export function attacks(
  kind: `${string}/${string}`,
  outcome: ListedOutcome,
  rows: readonly Row<ListedAttack>[],
  common: Partial<ListedAttack> = {},
): readonly ListedAttack[] {
  return numbered(kind, rows, (row) => ({ outcome, ...common, ...row }))
}

export function benign(
  kind: `${string}/${string}`,
  rows: readonly Row<ListedBenign>[],
  common: Partial<ListedBenign> = {},
): readonly ListedBenign[] {
  return numbered(kind, rows, (row) => ({ ...common, ...row }))
}

function numbered<T extends { readonly sql: string }, R>(
  kind: string,
  rows: readonly Row<T>[],
  whole: (row: { sql: string; id: string; class: string } & Partial<T>) => R,
): readonly R[] {
  const [group = ''] = kind.split('/')
  return rows.map((row, index) => {
    const said = typeof row === 'string' ? { sql: row } : row
    const id = `${kind.replaceAll('/', '-')}-${index + 1}`
    return whole({ id, class: group, ...said } as {
      sql: string
      id: string
      class: string
    } & Partial<T>)
  })
}
