/** MaskingRule → compiled mask. */

import type { MaskingRule } from '../../crds/types.ts'
import type { CompiledMask, MaskMethod } from '../../sidecar/control/bundle.ts'
import { namespaceOf } from '../store/objects.ts'
import { compileList } from './names.ts'
import { parseColumnPattern } from './patterns.ts'
import type { Report } from './report.ts'
import { compileSubjects } from './subjects.ts'

/** More than this is no mask any more: the values that need one are rarely twice as long. */
const maxKept = 8

/** `providers`: names of the connection's identity providers. */
export function compileMask(
  object: MaskingRule,
  providers: readonly string[],
  report: Report,
): CompiledMask {
  const { spec, metadata } = object
  const columns = compileList(spec.columns, parseColumnPattern, ['spec', 'columns'], report)
  return {
    name: metadata.name,
    namespace: namespaceOf(object),
    columns: columns.flat(),
    subjects: compileSubjects(spec.subjects ?? [], providers, ['spec', 'subjects'], report),
    exceptFor: compileSubjects(spec.exceptFor ?? [], providers, ['spec', 'exceptFor'], report),
    method: compileMethod(spec.mask, report),
    usage: spec.usage,
  }
}

/** A method that is not served is reported as such; its place is taken by the strictest. */
function compileMethod(mask: MaskingRule['spec']['mask'], report: Report): MaskMethod {
  if (mask.partial !== undefined) {
    const { keepFirst = 0, keepLast = 0 } = mask.partial
    if (keepFirst + keepLast > maxKept || keepFirst + keepLast === 0) {
      report(
        ['spec', 'mask', 'partial'],
        `keeps ${keepFirst + keepLast} characters`,
        `keepFirst and keepLast together must be from 1 to ${maxKept}; to keep nothing use redact.`,
      )
    }
    return { kind: 'partial', keepFirst, keepLast }
  }
  return { kind: mask.redact === undefined ? 'null' : 'redact' }
}
