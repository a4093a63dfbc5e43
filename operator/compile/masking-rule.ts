/** MaskingRule → compiled mask. */

import type { MaskingRule } from '../../crds/types.ts'
import type { CompiledMask, TagPattern } from '../../sidecar/control/bundle.ts'
import { namespaceOf } from '../store/objects.ts'
import { compileMethod } from './mask-method.ts'
import { compileList, compileParsed } from './names.ts'
import { parseColumnPattern, parseQualifiedName } from './patterns.ts'
import type { Report } from './report.ts'
import { compileSubjects } from './subjects.ts'
import type { SecretsByName } from './trust.ts'

/** `providers`: names of the connection's identity providers; `secrets`: of its namespace. */
export function compileMask(
  object: MaskingRule,
  providers: readonly string[],
  report: Report,
  secrets: SecretsByName = new Map(),
): CompiledMask {
  const { spec, metadata } = object
  const columns = compileList(spec.columns, parseColumnPattern, ['spec', 'columns'], report)
  return {
    name: metadata.name,
    namespace: namespaceOf(object),
    columns: columns.flat(),
    tags: compileTags(spec.tags ?? [], report),
    subjects: compileSubjects(spec.subjects ?? [], providers, ['spec', 'subjects'], report),
    exceptFor: compileSubjects(spec.exceptFor ?? [], providers, ['spec', 'exceptFor'], report),
    method: compileMethod(spec.mask, metadata.name, secrets, report),
    usage: spec.usage,
  }
}

function compileTags(
  tags: NonNullable<MaskingRule['spec']['tags']>,
  report: Report,
): readonly TagPattern[] {
  return tags.flatMap(({ name, value }, index) => {
    const parsed = compileParsed(name, parseQualifiedName, ['spec', 'tags', index, 'name'], report)
    return parsed === undefined ? [] : [{ ...parsed, value: value ?? null }]
  })
}
