/** Which privileges a statement that changes something needs, by its kind. */

import type { Resolution } from '../catalog/types.ts'
import type { ObjectUse, StatementClass, StatementFacts } from '../sql/facts-types.ts'
import type { Statement } from '../sql/statements.ts'

export interface AccessPart {
  /** READ is of files on a stage. */
  readonly privilege: 'SELECT' | 'DESCRIBE' | 'READ' | 'WRITE'
  /** The class that a rule must name to cover it. */
  readonly class: StatementClass
  /** How a message speaks of it, before the object: `INSERT on`, `CREATE TABLE`. */
  readonly words: string
}

export interface PartsOfWrite {
  readonly use: ObjectUse
  readonly parts: readonly AccessPart[]
}

type ReadParts = (facts: StatementFacts, exists: Exists) => readonly PartsOfWrite[]

/** Undefined: the catalogue was not asked. What it does not tell of may be there. */
type Exists = (use: ObjectUse) => boolean | undefined

export function partsOfWrites(
  { kind }: Statement,
  facts: StatementFacts,
  resolution: Resolution | undefined,
): readonly PartsOfWrite[] {
  const exists: Exists = (use) => {
    if (resolution === undefined) return undefined
    const target = resolution.targets.find((each) => each.use === use)
    return target === undefined || target.relation !== null
  }
  return (byKind[kind] ?? other)(facts, exists)
}

const write = (ofClass: StatementClass, words: string): AccessPart => ({
  privilege: 'WRITE',
  class: ofClass,
  words,
})

/** Which rows are changed, and how often, tells what is in them: so it takes leave to read them. */
const changing = (verb: string): readonly AccessPart[] => [
  { privilege: 'SELECT', class: 'Query', words: 'SELECT on' },
  write('DML', `${verb} on`),
]

const byKind: { readonly [K in Statement['kind']]?: ReadParts } = {
  // Its DELETE is that of OVERWRITE.
  Insert: ({ writes }) =>
    writes.map((use) => ({
      use,
      parts: [
        use.privilege === 'DELETE'
          ? write('Truncate', 'TRUNCATE (by OVERWRITE) of')
          : write('DML', 'INSERT on'),
      ],
    })),
  Update: ({ writes }) => writes.map((use) => ({ use, parts: changing('UPDATE') })),
  Delete: ({ writes }) => writes.map((use) => ({ use, parts: changing('DELETE') })),
  // One target, told once for every action.
  Merge: ({ writes }) => writes.slice(0, 1).map((use) => ({ use, parts: changing('MERGE') })),
  CopyIntoTable: ({ writes }) =>
    writes.map((use) => ({ use, parts: [write('Load', 'COPY INTO')] })),
  Comment: ({ writes, class: ofClass }) =>
    writes.map((use) => ({ use, parts: [write(ofClass, `COMMENT ON ${use.objectClass}`)] })),
  Create: ({ writes }, exists) =>
    writes.map((use) => {
      const replaces = use.privilege === 'REPLACE'
      const created = write('DDL', `CREATE ${replaces ? 'OR REPLACE ' : ''}${use.objectClass}`)
      const drops = replaces && exists(use) === true
      return { use, parts: drops ? [created, write('Drop', 'DROP (by OR REPLACE) of')] : [created] }
    }),
}

/** TRUNCATE, DROP; ALTER and COMMENT, whose new names are created. */
const other: ReadParts = ({ writes, class: ofClass }) =>
  writes.map((use) => ({
    use,
    parts: [
      write(ofClass, `${use.privilege} ${use.objectClass === 'RELATION' ? 'of' : use.objectClass}`),
    ],
  }))
