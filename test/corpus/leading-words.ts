/**
 * A statement's class by its first words alone. It must not ask the parser under test: a statement
 * that is refused has a class, too, and both must be counted alike.
 */

export const corpusClasses = [
  'queries',
  'DML',
  'load, stages, files',
  'session, SHOW, DESCRIBE, EXPLAIN, transactions',
  'GRANT/REVOKE',
  'scripting, CALL, EXECUTE',
  'DDL: tables and views',
  'DDL: other',
  'other',
] as const

export type CorpusClass = (typeof corpusClasses)[number]

const [queries, dml, load, session, grants, scripting, tables, otherDdl, other] = corpusClasses

const byFirstWord: ReadonlyMap<string, CorpusClass> = new Map(
  (
    [
      [queries, 'SELECT WITH VALUES ('],
      [dml, 'INSERT UPDATE DELETE MERGE TRUNCATE'],
      [load, 'COPY PUT GET LIST LS REMOVE RM'],
      [session, 'USE SET UNSET SHOW DESC DESCRIBE EXPLAIN BEGIN START COMMIT ROLLBACK'],
      [grants, 'GRANT REVOKE'],
      [scripting, 'DECLARE LET IF FOR WHILE REPEAT LOOP RETURN RAISE AWAIT EXCEPTION CALL EXECUTE'],
      [otherDdl, 'CREATE DEFINE ALTER DROP UNDROP COMMENT'],
    ] as const
  ).flatMap(([name, words]) => words.split(' ').map((word) => [word, name] as const)),
)

const tableWords =
  '(?: (?:TRANSIENT|TEMP|TEMPORARY|VOLATILE|LOCAL|GLOBAL|SECURE|RECURSIVE|EXTERNAL|DYNAMIC|ICEBERG' +
  '|HYBRID|EVENT|INTERACTIVE|MATERIALIZED|SEMANTIC|APPLICATION|DIRECTORY))* (?:TABLE|VIEW)\\b'

/** What the first word leaves open. */
const byFirstWords: readonly (readonly [RegExp, CorpusClass])[] = [
  [/^BEGIN(?! (?:WORK|TRANSACTION|NAME)\b) [A-Z]/, scripting],
  [/^WITH [^ ]+ AS PROCEDURE\b/, scripting],
  [/^ALTER SESSION\b(?! POLICY)/, session],
  [
    new RegExp(`^(?:CREATE(?: OR (?:REPLACE|ALTER))?|DEFINE|ALTER|DROP|UNDROP)${tableWords}`),
    tables,
  ],
]

/** The class of a text, by the first statement in it. */
export function corpusClass(sql: string): CorpusClass {
  const words = leadingWords(sql)
  for (const [shape, name] of byFirstWords) if (shape.test(words)) return name
  return byFirstWord.get(words.split(' ')[0] ?? '') ?? other
}

/** The first words of a text, upper case, one space apart, without comments. */
function leadingWords(sql: string): string {
  const bare = sql
    .slice(0, 4000)
    .replace(/\/\*[^]*?\*\/|(?:--|\/\/)[^\n]*/g, ' ')
    .trim()
    .replace(/^[\s;]+/, '')
  if (bare.startsWith('(')) return '('
  return bare
    .slice(0, 400)
    .toUpperCase()
    .replace(/\s+/g, ' ')
    .replace(/[^A-Z0-9_$"' ].*$/, '')
}
