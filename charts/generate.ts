/**
 * Templates of the chart that are made from something else: the CustomResourceDefinitions, and the
 * admission policies and webhooks. Their sources stay plain YAML that the API server takes as it is.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { definedKinds, definitionFile } from '../crds/definitions.ts'

const policies = join(import.meta.dirname, '..', 'operator', 'admission', 'policies')
const templates = 'charts/frostgate/templates'

const head = (source: string): string =>
  `{{- /* Made from ${source} by npm run generate. Do not edit. */ -}}\n`

const labels = (indent: number): string => `{{- include "frostgate.labels" . | nindent ${indent} }}`

/** Helm reads braces of its own; none of the sources may hold any. */
function plain(text: string, source: string): string {
  if (text.includes('{{')) throw new Error(`${source} holds "{{", which Helm would read`)
  return text
}

/** Text by replacements, each of which must be needed: what is not found has moved. */
function replaced(
  text: string,
  source: string,
  replacements: readonly (readonly [RegExp, string])[],
): string {
  return replacements.reduce((before, [pattern, by]) => {
    const after = before.replaceAll(pattern, by)
    if (after === before) throw new Error(`${source} has nothing that matches ${String(pattern)}`)
    return after
  }, text)
}

function definition(file: string, source: string): string {
  const text = plain(readFileSync(file, 'utf8'), source)
  const body = replaced(text, source, [
    [
      /^metadata:\n {2}name: (.+)$/gm,
      [
        'metadata:',
        '  name: $1',
        '  labels:',
        `    ${labels(4)}`,
        '  {{- if .Values.crds.keep }}',
        '  annotations:',
        '    helm.sh/resource-policy: keep',
        '  {{- end }}',
      ].join('\n'),
    ],
  ])
  return `${head(source)}{{- if .Values.crds.install }}\n${body}{{- end }}\n`
}

const labelled = [/^metadata:\n {2}name: (.+)$/gm, `metadata:\n  name: $1\n  labels:\n    ${labels(4)}`] as const // prettier-ignore

/** The operator's namespace among those that the selectors leave out. */
const excluded = [/values: \[kube-system, frostgate\]/g, 'values: [kube-system, {{ .Release.Namespace }}]'] as const // prettier-ignore

/**
 * A prefix, as replicas of two versions inject two images while a release is upgraded; but it ends
 * where the repository's name does.
 */
const sidecarImage = [
  [/'ghcr\.io\/frostgate\/'/g, "'{{ .Values.sidecar.image.repository }}'"],
  [
    /c\.image\.startsWith\(variables\.imagePrefix\)/g,
    "(c.image.startsWith(variables.imagePrefix + ':') || c.image.startsWith(variables.imagePrefix + '@'))",
  ],
] as const

/** Who decides, and for whom the API server asks for the right to. */
const operatorUser = [
  [
    /'system:serviceaccount:frostgate:frostgate-operator'/g,
    "'system:serviceaccount:{{ .Release.Namespace }}:{{ .Release.Name }}-operator'",
  ],
  [/ClusterRole frostgate-approver/g, 'ClusterRole {{ .Release.Name }}-approver'],
] as const

/** There whatever the values say: nothing else asks for the verb `approve`. */
const always: readonly string[] = ['approvals.yaml']

function webhooks(source: string): string {
  const text = plain(readFileSync(join(policies, 'webhooks.yaml'), 'utf8'), source)
  const body = replaced(text, source, [
    [/^ {2}name: frostgate$/gm, '  name: {{ .Release.Name }}'],
    labelled,
    excluded,
    [
      /service: \{ namespace: frostgate, name: frostgate-webhooks, port: 9443, /g,
      'service: { namespace: {{ .Release.Namespace }}, name: {{ .Release.Name }}-webhook, port: 443, ',
    ],
  ])
  return `${head(source)}${body}`
}

function policy(name: string, source: string): string {
  const text = plain(readFileSync(join(policies, name), 'utf8'), source)
  const body = replaced(text, source, [
    labelled,
    ...(text.includes('[kube-system, frostgate]') ? [excluded] : []),
    ...(text.includes("'ghcr.io/frostgate/'") ? sidecarImage : []),
    ...(text.includes('system:serviceaccount:frostgate:') ? operatorUser : []),
  ])
  if (always.includes(name)) return `${head(source)}${body}`
  return `${head(source)}{{- if .Values.admissionPolicies.enabled }}\n${body}{{- end }}\n`
}

/** Path in the repository → what it must hold. */
export function chartTemplates(): Readonly<Record<string, () => Promise<string>>> {
  const made: Record<string, () => string> = {}
  for (const kind of definedKinds) {
    const name = `${kind.toLowerCase()}.yaml`
    made[`${templates}/crds/${name}`] = () => definition(definitionFile(kind), `crds/${name}`)
  }
  for (const name of readdirSync(policies).filter((each) => each.endsWith('.yaml'))) {
    const source = `operator/admission/policies/${name}`
    if (name === 'webhooks.yaml') made[`${templates}/webhooks.yaml`] = () => webhooks(source)
    else made[`${templates}/policies/${name}`] = () => policy(name, source)
  }
  return Object.fromEntries(
    Object.entries(made).map(([path, make]) => [path, () => Promise.resolve(make())]),
  )
}
