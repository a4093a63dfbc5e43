/**
 * Fields of the API whose work has not landed. They are refused where they stand: a policy that
 * is only partly understood must not be enforced in part.
 */

import { valueAt } from '../../crds/field-path.ts'
import type { Kind } from '../../crds/definitions.ts'
import type { Report } from './report.ts'

interface Unserved {
  readonly kind: Kind
  readonly path: readonly string[]
  readonly advice: string
}

/** Every one of them; the schemas' descriptions say the same, which a test holds. */
export const unserved: readonly Unserved[] = [
  {
    kind: 'SnowflakeConnection',
    path: ['spec', 'credential', 'oauthClient'],
    advice: 'Use keyPair or workloadIdentity.',
  },
]

/** Reports every field of `object` that this version does not serve. */
export function reportUnserved(kind: Kind, object: unknown, report: Report): void {
  for (const { path, advice } of unserved.filter((each) => each.kind === kind)) {
    if (valueAt(object, path) === undefined) continue
    report(path, 'is not served by this version', advice)
  }
}
