/** Collects what is wrong with one object while it is compiled. */

import type { FieldPath } from '../../crds/field-path.ts'
import { formatField } from '../../crds/field-path.ts'
import type { ConfigObject, Located } from '../store/objects.ts'
import { describeObject } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'

export type Report = (path: FieldPath, message: string, advice: string) => void

/** A report for `located` that appends to `problems`. */
export function reportFor(located: Located<ConfigObject>, problems: Problem[]): Report {
  return (path, message, advice) => {
    const object = describeObject(located.object)
    problems.push({ ...located.locate(path), object, field: formatField(path), message, advice })
  }
}
