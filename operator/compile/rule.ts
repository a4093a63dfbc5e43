/** One rule of an AgentPolicy → compiled rule. */

import type { AgentPolicy } from '../../crds/types.ts'
import type { FieldPath } from '../../crds/field-path.ts'
import type {
  ApprovalSpec,
  ColumnPattern,
  CompiledRule,
  ObjectPattern,
} from '../../sidecar/control/bundle.ts'
import { compileCondition } from '../../sidecar/policy/conditions/index.ts'
import { secondsOf } from './duration.ts'
import { compileList } from './names.ts'
import { parseColumnPattern, parseFunctionName, parseObjectPattern } from './patterns.ts'
import type { Report } from './report.ts'

type Rule = NonNullable<AgentPolicy['spec']['rules']>[number]

/** Where a problem was reported, the result holds a value of the right type that is not used. */
export function compileRule(rule: Rule, path: FieldPath, report: Report): CompiledRule {
  const { name, action, message } = rule
  const columns = compileList(rule.columns, parseColumnPattern, [...path, 'columns'], report).flat()
  const objects = compileList(rule.objects, parseObjectPattern, [...path, 'objects'], report)
  return {
    name,
    action,
    statements: rule.statements ?? [],
    objects: action === 'Allow' && rule.objects === undefined ? objectsOf(columns) : objects,
    columns,
    functions: compileList(rule.functions, parseFunctionName, [...path, 'functions'], report),
    stages: compileList(rule.stages, parseObjectPattern, [...path, 'stages'], report),
    when: compileWhen(rule.when, [...path, 'when'], report),
    approval: compileApproval(rule.approval),
    message,
  }
}

/**
 * The tables of an Allow rule that names columns only. Without them it would also cover objects
 * of which a statement uses no column at all, as COUNT(*) does.
 */
function objectsOf(columns: readonly ColumnPattern[]): readonly ObjectPattern[] {
  const found = columns.map(({ database, schema, name }) => ({ database, schema, name }))
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()]
}

function compileWhen(when: string | undefined, path: FieldPath, report: Report) {
  if (when === undefined) return undefined
  const compiled = compileCondition(when)
  if ('problem' in compiled) {
    const { message, advice, line, column } = compiled.problem
    report(path, `line ${line}, column ${column} of the condition: ${message}`, advice)
  }
  return when
}

function compileApproval(approval: Rule['approval']): ApprovalSpec | undefined {
  if (approval === undefined) return undefined
  const { approvers, count, expiresAfter, delivery, reason, uses, validFor } = approval
  // What is as usual is left out: rules of before keep their digest.
  return {
    approvers: approvers.groups ?? [],
    ...(approvers.users === undefined ? {} : { users: approvers.users }),
    count,
    expiresAfter: secondsOf(expiresAfter),
    ...(delivery === 'Retry' ? { delivery } : {}),
    ...(reason === 'Required' ? { reason } : {}),
    ...(uses === 1 ? {} : { uses }),
    ...(secondsOf(validFor) === 900 ? {} : { validFor: secondsOf(validFor) }),
  }
}
