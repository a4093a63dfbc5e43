/** Whether one rule says all that another says. Pure; where it is not sure, it says no. */

import type {
  ColumnPattern,
  CompiledPolicy,
  CompiledRule,
  ObjectPattern,
  SubjectMatcher,
} from '../../sidecar/control/bundle.ts'

const any: ObjectPattern = { database: null, schema: null, name: null }

/** Whatever `narrow` matches, `broad` matches too; actions are not compared. */
export function ruleCovers(broad: CompiledRule, narrow: CompiledRule): boolean {
  if (broad.when !== undefined && broad.when !== narrow.when) return false
  const classes =
    broad.statements.length === 0 ||
    (narrow.statements.length > 0 &&
      narrow.statements.every((each) => broad.statements.includes(each)))
  const objects = objectsOf(narrow).every((pattern) =>
    objectsOf(broad).some((wide) => objectCovers(wide, pattern)),
  )
  const columns =
    broad.columns.length === 0 ||
    (narrow.columns.length > 0 &&
      narrow.columns.every((pattern) => broad.columns.some((wide) => columnCovers(wide, pattern))))
  const functions = narrow.functions.every((each) => broad.functions.includes(each))
  const stages = narrow.stages.every((pattern) =>
    broad.stages.some((wide) => objectCovers(wide, pattern)),
  )
  return classes && objects && columns && functions && stages
}

/** A rule that names columns only speaks of the objects that have them. */
function objectsOf(rule: CompiledRule): readonly ObjectPattern[] {
  if (rule.objects.length > 0) return rule.objects
  if (rule.columns.length > 0) return rule.columns
  // An Allow rule with functions or stages only allows these, and no object.
  return rule.functions.length + rule.stages.length > 0 ? [] : [any]
}

export function objectCovers(broad: ObjectPattern, narrow: ObjectPattern): boolean {
  return (['database', 'schema', 'name'] as const).every(
    (part) => broad[part] === null || broad[part] === narrow[part],
  )
}

function columnCovers(broad: ColumnPattern, narrow: ColumnPattern): boolean {
  return objectCovers(broad, narrow) && (broad.column === null || broad.column === narrow.column)
}

/** Whomever `narrow` is about, `broad` is about too. */
export function subjectsCover(broad: CompiledPolicy, narrow: CompiledPolicy): boolean {
  return narrow.subjects.every((matcher) =>
    broad.subjects.some((wide) => matcherCovers(wide, matcher)),
  )
}

function matcherCovers(broad: SubjectMatcher, narrow: SubjectMatcher): boolean {
  return (
    broad.provider === narrow.provider &&
    listCovers(broad.groups, narrow.groups) &&
    listCovers(broad.subjects, narrow.subjects) &&
    Object.entries(broad.claims ?? {}).every(([claim, value]) => narrow.claims?.[claim] === value)
  )
}

function listCovers(broad: readonly string[] | undefined, narrow: readonly string[] | undefined) {
  return broad === undefined || (narrow?.every((each) => broad.includes(each)) ?? false)
}

/** Somebody may be meant by both: in a group of each, unless "sub" claims tell them apart. */
export function subjectsOverlap(one: CompiledPolicy, other: CompiledPolicy): boolean {
  return one.subjects.some((a) =>
    other.subjects.some(
      (b) =>
        a.provider === b.provider &&
        (a.subjects === undefined ||
          b.subjects === undefined ||
          a.subjects.some((subject) => b.subjects?.includes(subject))),
    ),
  )
}
