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
  return subjects.map((selector, index) => {
    const { provider, groups, claims } = selector
    if (!providers.includes(provider)) {
      const meant = suggest(provider, providers)
      report(
        [...path, index, 'provider'],
        `"${provider}" is not an identity provider of the connection`,
        meant === undefined ? `It has: ${providers.join(', ')}.` : `Did you mean ${meant}?`,
      )
    }
    const names = namesOf(selector)
    if (names?.length === 0) {
      report(
        [...path, index, 'serviceAccounts'],
        'none of these service accounts is among subjects, so nobody matches',
        'Give one of serviceAccounts and subjects, or the same in both.',
      )
    }
    return { provider, groups, subjects: names, claims }
  })
}

/** Values of "sub" that match: of both fields if both are given, as all fields must match. */
function namesOf({ subjects, serviceAccounts }: SubjectSelector): readonly string[] | undefined {
  const accounts = serviceAccounts?.map(
    ({ namespace, name }) => `system:serviceaccount:${namespace}:${name}`,
  )
  if (accounts === undefined || subjects === undefined) return accounts ?? subjects
  return accounts.filter((account) => subjects.includes(account))
}
