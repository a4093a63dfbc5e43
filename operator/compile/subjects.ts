import type { SubjectSelector } from '../../crds/types.ts'
import type { FieldPath } from '../../crds/field-path.ts'
import { suggest } from '../../crds/suggestion.ts'
import type { SubjectMatcher } from '../../sidecar/control/bundle.ts'
import type { Report } from './report.ts'

/** Subjects as matchers. One that names no identity provider of the connection is a problem. */
export function compileSubjects(
  subjects: readonly SubjectSelector[],
  providers: readonly string[],
  path: FieldPath,
  report: Report,
): readonly SubjectMatcher[] {
  return subjects.map(({ provider, groups, subjects: names, claims }, index) => {
    if (!providers.includes(provider)) {
      const meant = suggest(provider, providers)
      report(
        [...path, index, 'provider'],
        `"${provider}" is not an identity provider of the connection`,
        meant === undefined ? `It has: ${providers.join(', ')}.` : `Did you mean ${meant}?`,
      )
    }
    return { provider, groups, subjects: names, claims }
  })
}
