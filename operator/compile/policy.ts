/** AgentPolicy → compiled policy. */

import type { AgentPolicy } from '../../crds/types.ts'
import type { CompiledPolicy } from '../../sidecar/control/bundle.ts'
import { namespaceOf } from '../store/objects.ts'
import { compileList, compileName } from './names.ts'
import { compileParameters } from './parameters.ts'
import { parseIdentifier } from './patterns.ts'
import type { Report } from './report.ts'
import { compileRule } from './rule.ts'
import { compileSubjects } from './subjects.ts'

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
      warehouses: compileList(
        session?.warehouses,
        parseIdentifier,
        ['spec', 'session', 'warehouses'],
        report,
      ),
      parameters: compileParameters(
        session?.parameters ?? {},
        ['spec', 'session', 'parameters'],
        report,
      ),
    },
    rules: (spec.rules ?? []).map((rule, index) =>
      compileRule(rule, ['spec', 'rules', index], report),
    ),
    limits: {
      rowsPerStatement: limits?.rowsPerStatement,
      bytesPerStatement: limits?.bytesPerStatement,
      statementsPerMinute: limits?.statementsPerMinute,
      concurrentStatements: limits?.concurrentStatements,
      rowsPerHour: limits?.rowsPerHour,
    },
    recording: spec.recording.results,
  }
}
