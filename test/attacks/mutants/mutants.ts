/**
 * The guards of the gateway, each taken out or turned round: what the suite must notice. A patch
 * replaces a text that stands exactly once in its file.
 */

import type { MethodName } from '../lists/types.ts'

export interface Mutant {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** `partial`, unless said. */
  readonly method?: MethodName
}

const mutant = (name: string, file: string, find: string, replace: string, method?: MethodName): Mutant => ({
  name,
  file: `sidecar/${file}`,
  find,
  replace,
  ...(method === undefined ? {} : { method }),
}) // prettier-ignore

export const mutants: readonly Mutant[] = [
  // Masking at read.
  mutant('emit * instead of columns', 'masking/rewrite.ts', "return { select: columns.join(', '), predicate: null }", "return { select: '*', predicate: null }"),
  mutant('mask nothing', 'masking/rewrite.ts', 'if (masked === undefined) return name\n', 'return name\n'),
  mutant('mask the column beside', 'masking/rewrite.ts', 'masked.relation.columns.map((column) =>\n    projected(column, masked.columns.get(column.name), keyring),', 'masked.relation.columns.map((column, index, all) =>\n    projected(column, masked.columns.get(all[index - 1]?.name ?? \'\'), keyring),'),
  mutant('mask only the first reference', 'masking/plan.ts', '...reads.map((read) => readInstead(parsed, read.resolved, read.projection)),', '...reads.map((read, index) => readInstead(parsed, read.resolved, index === 0 ? read.projection : null)),'),
  mutant('skip qualification', 'masking/rewrite.ts', 'if (projection === null) return { span: reference.name.span, text: full }', 'if (projection === null) return { span: reference.name.span, text: sourceText(parsed, reference.name.span) }'),
  mutant('keep more than partial should', 'masking/methods/partial.ts', 'RIGHT(${column}, ${String(keepLast)})', 'RIGHT(${column}, ${String(keepLast + 1)})'),
  mutant('mask without the declared type', 'masking/methods/mask.ts', 'return declared === null ? value : `CAST(${value} AS ${declared})`', 'return value'),

  // Views.
  mutant('skip views', 'masking/relations.ts', "if (relation.kind === 'table' || masks.length === 0)", "if (relation.kind !== undefined || masks.length === 0)"),
  mutant('mask what a view derives as if unchanged', 'masking/views.ts', "method: { kind: 'null' }", 'method: all.method'),
  mutant('take a view that cannot be read for harmless', 'catalog/resolve.ts', "if (view.body === null) throw this.unreadable(view, 'its definition cannot be read')", 'if (view.body === null) return factsOf(parseQuery(\'SELECT 1\').statement)'),

  // Strict use.
  mutant('drop the strict check', 'masking/strict.ts', 'if (first === undefined) return\n', 'return\n'),
  mutant('allow every use as at read', 'masking/strict.ts', "if (column.usage === 'AtRead') return true", 'return true'),
  mutant('forget join conditions', 'masking/lineage/from.ts', 'for (const condition of step.conditions) {', 'for (const condition of [] as typeof step.conditions) {'),
  mutant('forget USING', 'masking/lineage/from.ts', 'for (const { value } of step.using) {', 'for (const { value } of [] as typeof step.using) {'),
  mutant('forget NATURAL', 'masking/lineage/from.ts', 'if (step.natural) {', 'if (step.natural && step.using.length > 0) {'),
  mutant('forget WHERE', 'masking/lineage/selects.ts', "['a WHERE predicate', select.where],", ''),
  mutant('forget QUALIFY', 'masking/lineage/selects.ts', "['a QUALIFY predicate', select.qualify],", ''),
  mutant('forget HAVING', 'masking/lineage/selects.ts', "['a HAVING predicate', select.having],", ''),
  mutant('forget DISTINCT', 'masking/lineage/selects.ts', 'if (select.distinct)', 'if (select.distinct && select.items.length > 9)'),
  mutant('forget ORDER BY', 'masking/lineage/queries.ts', 'for (const { expression } of query.orderBy) {', 'for (const { expression } of [] as typeof query.orderBy) {'),
  mutant('forget GROUP BY', 'masking/lineage/selects.ts', "tracer.useAs('Bare', 'GROUP BY', ...grouped)", ''),
  mutant('forget aggregates', 'masking/lineage/expressions.ts', 'aggregate: (name) => `an argument of the aggregate ${name}`,', 'aggregate: null,'),
  mutant('forget windows', 'masking/lineage/expressions.ts', 'tracer.use(`PARTITION BY of the window function ${shown}`, ...partition)', ''),
  mutant('forget set-operation arms', 'masking/lineage/queries.ts', 'const values = arms.map((arm) => arm.columns[index]?.value ?? wholeShape(arm))', 'const values = arms.slice(0, 1).map((arm) => arm.columns[index]?.value ?? wholeShape(arm))'),
  mutant('forget arms that are compared', 'masking/lineage/queries.ts', 'for (const arm of arms.slice(0, last + 2)) {', 'for (const arm of arms.slice(0, 0)) {'),
  mutant('forget EXISTS', 'masking/lineage/expressions.ts', 'Exists: (e, scope, tracer) => subquery(e.query, scope, tracer).within,', 'Exists: () => clean,'),
  mutant('forget lateral aliases', 'masking/lineage/names.ts', 'possible.push(...items.flatMap((item) => item.trace() ?? []))', 'void items'),
  mutant('forget what a derived table carries', 'masking/lineage/from.ts', '        names,\n        shape: renamed(shape, relation.columnAliases),', '        names,\n        shape: unordered([], derived([])),'),
  mutant('forget the input of table functions', 'masking/lineage/from.ts', 'tracer.use(`the input of the table function ${printName(name)}`, ...inputs)', ''),
  mutant('forget REPLACE of a star', 'masking/lineage/star.ts', 'star.replace', '([] as typeof star.replace)'),

  // Names.
  mutant('let a CTE hide everywhere', 'sql/facts/scope.ts', 'if (rest.length > 0 || timeTravel.length > 0) return undefined', 'if (timeTravel.length > 0) return undefined'),
  mutant('ignore CTE shadowing', 'sql/facts/scope.ts', '?? at.before) < at.before) return at', '?? at.before) < 0) return at'),
  mutant('take unknown functions for built-in ones', 'policy/decide.ts', '  refuseFunctions,\n  refuseViewFunctions,', '  refuseViewFunctions,'),
  mutant('allow what no rule covers', 'policy/decide.ts', '  refuseUncovered,\n  refuseProtectedWrite,', '  refuseProtectedWrite,'),
  mutant('let clauses reach raw columns', 'masking/reads.ts', 'for (const read of reads) refuseInside(read)', 'void refuseInside'),
  mutant('show definitions in listings', 'masking/information-schema.ts', 'definitions.has(column.name)', 'definitions.has(`no ${column.name}`)'),
  mutant('keep error text', 'results/redact.ts', 'if (!context.touchesProtected) {', 'if (context.sql.length > 0) {'),

  // Writes, temporary objects, earlier results.
  mutant('skip the persist check', 'masking/writes/writing.ts', 'throw this.persistRefused(', 'void this.persistRefused('),
  mutant('forget RESULT_SCAN', 'statement/prior-results.ts', 'return { columns: listed, known: true, rest: clean }', 'return { columns: listed.map(({ name }) => ({ name, value: clean })), known: true, rest: clean }'),
  mutant('scan results of anybody', 'statement/prior-results.ts', 'if (result?.bundle !== this.#bundle)', 'if (result !== undefined && result.bundle !== this.#bundle)'),
  mutant('skip the temporary overlay', 'statement/analyse.ts', 'session.overlay ?? new Map()', 'new Map()'),
  mutant('let temporary objects hide', 'statement/analyse.ts', '  refuseHiding(resolved)\n', '  void refuseHiding\n'),
  mutant('skip the recheck of LAST_DDL', 'statement/recheck.ts', 'if (!masked.plan.touchesProtected && masked.hold === undefined) return\n', 'if (masked.plan !== undefined) return\n'),
  mutant('skip the check for masks written back', 'masking/writes/values.ts', 'if (!texts.some((text) => mask.recognises(text, column.column.type))) return\n', 'return\n'),
] // prettier-ignore
