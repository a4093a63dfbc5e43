/** AgentPolicy → compiled policy. */

import type { AgentPolicy } from '../../crds/types.ts'
import type { FieldPath } from '../../crds/field-path.ts'
import type { CompiledPolicy, CompiledRule } from '../../sidecar/control/bundle.ts'
import { namespaceOf } from '../store/objects.ts'
import { compileList, compileName } from './names.ts'
import { parseColumnPattern, parseFunctionName, parseObjectPattern } from './patterns.ts'
import type { Report } from './report.ts'
import { compileSubjects } from './subjects.ts'

type Rule = NonNullable<AgentPolicy['spec']['rules']>[number]

/** `providers`: names of the connection's identity providers. */
export function compilePolicy(
  object: AgentPolicy,
  providers: readonly string[],
  report: Report,
): CompiledPolicy {
  const { spec, metadata } = object
  const { session, limits } = spec
  const name = (field: 'role' | 'warehouse') => {
    const text = session?.[field]
    return text === undefined ? undefined : compileName(text, ['spec', 'session', field], report)
  }
  return {
    name: metadata.name,
    namespace: namespaceOf(object),
    mode: spec.mode,
    subjects: compileSubjects(spec.subjects, providers, ['spec', 'subjects'], report),
    session: {
      role: name('role'),
      warehouse: name('warehouse'),
      statementTimeoutSeconds: session?.statementTimeoutSeconds,
    },
    rules: (spec.rules ?? []).flatMap((rule, index) =>
      compileRule(rule, ['spec', 'rules', index], report),
    ),
    limits: {
      rowsPerStatement: limits?.rowsPerStatement,
      statementsPerMinute: limits?.statementsPerMinute,
    },
    recording: spec.recording.results,
  }
}

/** None for a rule that waits for approval, which is reported as unserved. */
function compileRule(rule: Rule, path: FieldPath, report: Report): readonly CompiledRule[] {
  const { name, action } = rule
  const columns = compileList(rule.columns, parseColumnPattern, [...path, 'columns'], report)
  const compiled = {
    name,
    statements: rule.statements ?? [],
    objects: compileList(rule.objects, parseObjectPattern, [...path, 'objects'], report),
    columns: columns.flat(),
    functions: compileList(rule.functions, parseFunctionName, [...path, 'functions'], report),
    message: rule.message,
  }
  if (action === 'RequireApproval') return []
  for (const [field, advice] of misplaced[action]) {
    if (rule[field] !== undefined) {
      report([...path, field], `has no meaning in a rule that says ${action}`, advice)
    }
  }
  return [{ ...compiled, action }]
}

/** Fields that a rule of an action cannot have: dropping them would change what its author meant. */
const misplaced: Readonly<
  Record<'Allow' | 'Deny', readonly (readonly ['columns' | 'functions' | 'message', string])[]>
> = {
  Allow: [
    ['columns', 'Allow whole objects; protect columns by a Deny rule or a MaskingRule.'],
    ['message', 'It is shown on refusal only; move it to a Deny rule.'],
  ],
  Deny: [['functions', 'Functions are refused unless an Allow rule lists them; remove it.']],
}
