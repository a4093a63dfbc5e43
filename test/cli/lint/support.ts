/** Folders of policies for the linter, and what it says of them. */

import { compile } from '../../../operator/compile/compile.ts'
import { groupByKind } from '../../../operator/store/directory-store.ts'
import { readDocuments } from '../../../operator/store/documents.ts'
import { recognise } from '../../../operator/store/recognise.ts'
import { parseCatalog } from '../../../cli/catalog-file/read.ts'
import type { Finding } from '../../../cli/lint/finding.ts'
import { lint } from '../../../cli/lint/lint.ts'

const connection = `
apiVersion: frostgate.dev/v1alpha1
kind: SnowflakeConnection
metadata: { name: acme }
spec:
  account: acme-demo
  user: FROSTGATE
  role: READER
  warehouse: WH
  credential: { keyPair: { secretRef: { name: key } } }
  identityProviders:
    - name: okta
      oidc: { issuer: "https://acme.okta.com", audiences: [frostgate], groupsClaim: groups }
---
`

export function policy(name: string, rules: readonly string[], more = ''): string {
  return `
apiVersion: frostgate.dev/v1alpha1
kind: AgentPolicy
metadata: { name: ${name} }
spec:
  connectionRef: { name: acme }
  subjects: [{ provider: okta, groups: [agents] }]
  ${more}
  rules:
${rules.map((rule) => `    - { ${rule} }`).join('\n')}
---
`
}

export function mask(name: string, columns: string, method: string): string {
  return `
apiVersion: frostgate.dev/v1alpha1
kind: MaskingRule
metadata: { name: ${name} }
spec:
  connectionRef: { name: acme }
  columns: [${columns}]
  mask: { ${method} }
---
`
}

export const catalog = `
databases:
  DB:
    S:
      PATIENTS:
        columns: { ID: NUMBER, SSN: VARCHAR(11), DOB: DATE, HAS_EMAIL: BOOLEAN }
      ORDERS:
        columns: { ID: NUMBER, ADDRESS_ID: NUMBER, AMOUNT: 'NUMBER(10,2)' }
      V:
        view: SELECT ssn FROM patients
        columns: { SSN: VARCHAR(11) }
`

/** `undefined` for no catalogue. */
export function findings(objects: string, catalogue?: string): readonly Finding[] {
  const { documents, problems } = readDocuments('policies.yaml', connection + objects)
  const located = documents.map((document) => {
    const recognised = recognise(document)
    if ('located' in recognised) return recognised.located
    throw new Error(JSON.stringify(recognised.problems))
  })
  const grouped = groupByKind(located)
  const compiled = compile(grouped)
  if (problems.length > 0 || 'problems' in compiled)
    throw new Error(JSON.stringify([problems, compiled]))
  const parsed = catalogue === undefined ? undefined : parseCatalog('catalog.yaml', catalogue)
  if (parsed !== undefined && 'problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  const relations = parsed === undefined ? undefined : [...parsed.relations.values()]
  return lint({ bundle: compiled.bundle, objects: grouped, relations })
}

/** `warning shadowed-rule AgentPolicy p, rule b` */
export function said(objects: string, catalogue?: string): readonly string[] {
  return findings(objects, catalogue).map(({ severity, check, subject }) =>
    [severity, check, ...(subject === null ? [] : [subject])].join(' '),
  )
}
