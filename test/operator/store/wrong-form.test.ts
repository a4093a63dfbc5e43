import { describe, expect, test } from 'vitest'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { changed, withFolder } from '../compile/folder.ts'

/** Each is a valid folder with one text replaced, and all that is then said about it. */
const cases: readonly {
  readonly title: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly problems: readonly string[]
}[] = [
  {
    title: 'a typo in a field name',
    file: 'policy.yaml',
    from: 'statements: [Query]',
    to: 'statement: [Query]',
    problems: [
      'policy.yaml:13:7 spec.rules[0].statement: is not a field of this object. Did you mean statements? Fields are: name, action, statements, objects, columns, functions, stages, when, approval, message.',
    ],
  },
  {
    title: 'an unknown field that is like no other',
    file: 'policy.yaml',
    from: '      action: Allow',
    to: '      action: Allow\n      zone: x',
    problems: [
      'policy.yaml:13:7 spec.rules[0].zone: is not a field of this object. Fields are: name, action, statements, objects, columns, functions, stages, when, approval, message.',
    ],
  },
  {
    title: 'a field of the wrong depth',
    file: 'policy.yaml',
    from: '  subjects:',
    to: '  mode: Enforce\n  results: Full\n  subjects:',
    problems: [
      'policy.yaml:8:3 spec.results: is not a field of this object. Fields are: connectionRef, subjects, session, rules, limits, recording, mode.',
    ],
  },
  {
    title: 'an enum value in the wrong case',
    file: 'policy.yaml',
    from: 'action: Deny',
    to: 'action: deny',
    problems: [
      'policy.yaml:16:7 spec.rules[1].action: "deny" is not one of Allow, Deny, RequireApproval. Did you mean Deny?',
    ],
  },
  {
    title: 'an enum value that does not exist',
    file: 'policy.yaml',
    from: '[Drop]',
    to: '[Explode]',
    problems: [
      'policy.yaml:17:20 spec.rules[1].statements[0]: "Explode" is not one of Query, DML, DDL, Drop, Truncate, Load, Unload, FileTransfer, Grant, Session, Meta, Procedure, Script, Transaction, Other. Write one of them.',
    ],
  },
  {
    title: 'a missing required field',
    file: 'connection.yaml',
    from: '  user: FROSTGATE\n',
    to: '',
    problems: ['connection.yaml:5:1 spec.user: is missing. It is required; add it.'],
  },
  {
    title: 'an unknown field of the metadata',
    file: 'policy.yaml',
    from: '  name: agents',
    to: '  name: agents\n  lables: {}',
    problems: [
      'policy.yaml:5:3 metadata.lables: is not a field of this object. Did you mean labels? Fields are: name, namespace, labels, annotations, finalizers, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generateName, selfLink, ownerReferences, managedFields.',
    ],
  },
  {
    title: 'a missing name',
    file: 'policy.yaml',
    from: '  name: agents',
    to: '  labels: {}',
    problems: ['policy.yaml:3:1 metadata.name: is missing. It is required; add it.'],
  },
  {
    title: 'a missing spec',
    file: 'masking.yaml',
    from: 'spec:',
    to: 'x-spec:',
    problems: [
      'masking.yaml:1:1 spec: is missing. It is required; add it.',
      'masking.yaml:5:1 x-spec: is not a field of this object. Did you mean spec? Fields are: apiVersion, kind, metadata, spec, status.',
    ],
  },
  {
    title: 'a number where text belongs',
    file: 'connection.yaml',
    from: 'role: READER',
    to: 'role: 12',
    problems: [
      'connection.yaml:8:3 spec.role: is a number, but must be a string. Put it in quotes.',
    ],
  },
  {
    title: 'text where a number belongs',
    file: 'masking.yaml',
    from: 'keepLast: 4',
    to: 'keepLast: four',
    problems: [
      'masking.yaml:10:7 spec.mask.partial.keepLast: is a string, but must be a whole number. Write a whole number.',
    ],
  },
  {
    title: 'a scalar where a list belongs',
    file: 'policy.yaml',
    from: 'groups: [ai]',
    to: 'groups: ai',
    problems: [
      'policy.yaml:9:7 spec.subjects[0].groups: is a string, but must be a list. Write a list.',
    ],
  },
  {
    title: 'a list where a mapping belongs',
    file: 'connection.yaml',
    from: '{ secretRef: { name: acme-key } }',
    to: '[]',
    problems: [
      'connection.yaml:11:5 spec.credential.keyPair: is a list, but must be a mapping. Write a mapping.',
    ],
  },
  {
    title: 'an empty list',
    file: 'policy.yaml',
    from: 'groups: [ai]',
    to: 'groups: []',
    problems: [
      'policy.yaml:9:7 spec.subjects[0].groups: must have at least 1 entry. Leave the field out, or fill it.',
    ],
  },
  {
    title: 'an empty text',
    file: 'connection.yaml',
    from: 'user: FROSTGATE',
    to: "user: ''",
    problems: [
      'connection.yaml:7:3 spec.user: must have at least 1 character. Leave the field out, or fill it.',
    ],
  },
  {
    title: 'a field without a value',
    file: 'policy.yaml',
    from: '  subjects:\n    - provider: okta\n      groups: [ai]',
    to: '  subjects:',
    problems: ['policy.yaml:7:3 spec.subjects: is empty, but must be a list. Write a list.'],
  },
  {
    title: 'a number out of range',
    file: 'masking.yaml',
    from: 'keepLast: 4',
    to: 'keepLast: 9',
    problems: [
      'masking.yaml:10:7 spec.mask.partial.keepLast: 9 is out of range. Write a number up to 8.',
    ],
  },
  {
    title: 'a name that Kubernetes refuses',
    file: 'policy.yaml',
    from: 'name: agents',
    to: 'name: Agents!',
    problems: [
      'policy.yaml:4:3 metadata.name: "Agents!" does not have the form of this field. A name is lower-case letters, digits, hyphens and dots.',
    ],
  },
  {
    title: 'a typo in the kind',
    file: 'masking.yaml',
    from: 'kind: MaskingRule',
    to: 'kind: MaskingRules',
    problems: [
      'masking.yaml:2:1 kind: "MaskingRules" is not a kind that belongs in this folder. Did you mean MaskingRule?',
    ],
  },
  {
    title: 'a kind that does not belong here',
    file: 'masking.yaml',
    from: 'kind: MaskingRule',
    to: 'kind: Deployment',
    problems: [
      'masking.yaml:2:1 kind: "Deployment" is not a kind that belongs in this folder. Kinds are: SnowflakeConnection, AgentPolicy, MaskingRule, Secret. Keep other objects in another folder.',
    ],
  },
  {
    title: 'a version that is not served',
    file: 'masking.yaml',
    from: 'frostgate.dev/v1alpha1',
    to: 'frostgate.dev/v1',
    problems: [
      'masking.yaml:1:1 apiVersion: "frostgate.dev/v1" is not the version of MaskingRule that is served. Write frostgate.dev/v1alpha1.',
    ],
  },
  {
    title: 'a document that is a list',
    file: 'masking.yaml',
    from: 'apiVersion:',
    to: '- apiVersion\n---\napiVersion:',
    problems: [
      'masking.yaml:1:1: this document is not a Kubernetes object. Start it with apiVersion, kind, metadata and spec.',
    ],
  },
  {
    title: 'both account and host',
    file: 'connection.yaml',
    from: '  user:',
    to: '  host: x.snowflakecomputing.com\n  user:',
    problems: [
      'connection.yaml:7:3 spec.host: give exactly one of account, host. There are: account, host.',
    ],
  },
  {
    title: 'neither account nor host',
    file: 'connection.yaml',
    from: '  account: acme-prod\n',
    to: '',
    problems: [
      'connection.yaml:5:1 spec: give exactly one of account, host. None of them is there.',
    ],
  },
  {
    title: 'no kind of credential',
    file: 'connection.yaml',
    from: 'keyPair: { secretRef: { name: acme-key } }',
    to: '{}',
    problems: [
      'connection.yaml:10:3 spec.credential: give exactly one of keyPair, programmaticAccessToken, oauthClient, workloadIdentity. None of them is there.',
    ],
  },
  {
    title: 'two masks',
    file: 'masking.yaml',
    from: '  mask:',
    to: '  mask:\n    redact: {}',
    problems: [
      'masking.yaml:10:5 spec.mask.partial: give exactly one of redact, "null", partial, email, hash, token, dateTruncate, bucket, regex. There are: redact, partial.',
    ],
  },
  {
    title: 'an unquoted null as a mask',
    file: 'masking.yaml',
    from: '    partial:\n      keepLast: 4',
    to: '    null: {}',
    problems: [
      'masking.yaml:9:5: a key that is not a string is read differently by different YAML readers. Put it in quotes.',
    ],
  },
  {
    title: 'a partial mask without sizes',
    file: 'masking.yaml',
    from: '    partial:\n      keepLast: 4',
    to: '    partial: {}',
    problems: [
      'masking.yaml:9:5 spec.mask.partial: say what stays by at least one of keepFirst, keepLast. None of them is there.',
    ],
  },
  {
    title: 'columns and tags together',
    file: 'masking.yaml',
    from: '  mask:',
    to: '  tags: [{ name: G.T.PII }]\n  mask:',
    problems: [
      'masking.yaml:8:3 spec.tags: give exactly one of columns, tags. There are: columns, tags.',
    ],
  },
  {
    title: 'two rules of one name',
    file: 'policy.yaml',
    from: 'name: never',
    to: 'name: read',
    problems: [
      'policy.yaml:15:7 spec.rules[1].name: "read" is in the list twice, first as entry 0. Give each entry a name of its own.',
    ],
  },
  {
    title: 'one class listed twice',
    file: 'policy.yaml',
    from: '[Drop]',
    to: '[Drop, Drop]',
    problems: [
      'policy.yaml:17:26 spec.rules[1].statements[1]: "Drop" is in the list twice, first as entry 0. Remove one.',
    ],
  },
  {
    title: 'a rule about nothing',
    file: 'policy.yaml',
    from: '      statements: [Drop]\n',
    to: '',
    problems: [
      'policy.yaml:15:7 spec.rules[1]: say what the rule is about by at least one of statements, objects, columns. None of them is there.',
    ],
  },
  {
    title: 'a subject that is anyone of a provider',
    file: 'policy.yaml',
    from: '      groups: [ai]\n',
    to: '',
    problems: [
      'policy.yaml:8:7 spec.subjects[0]: say who is meant by at least one of groups, subjects, claims, serviceAccounts. None of them is there.',
    ],
  },
  {
    title: 'a key given twice',
    file: 'policy.yaml',
    from: '  subjects:',
    to: '  mode: Enforce\n  mode: Observe\n  subjects:',
    problems: ['policy.yaml:8:3: not valid YAML: Map keys must be unique. Correct the YAML here.'],
  },
  {
    title: 'YAML that is not closed',
    file: 'policy.yaml',
    from: '[ai]',
    to: '[ai',
    problems: [
      'policy.yaml:10:3: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]. Correct the YAML here.',
    ],
  },
  {
    title: 'a tab as indentation',
    file: 'connection.yaml',
    from: '  role: READER',
    to: '\trole: READER',
    problems: [
      'connection.yaml:8:1: not valid YAML: Tabs are not allowed as indentation. Correct the YAML here.',
      'connection.yaml:8:8: not valid YAML: Nested mappings are not allowed in compact mappings. Correct the YAML here.',
      'connection.yaml:8:8: not valid YAML: Implicit keys need to be on a single line. Correct the YAML here.',
    ],
  },
  {
    title: 'a plain word that YAML 1.1 takes for a boolean',
    file: 'policy.yaml',
    from: '[ai]',
    to: '[on]',
    problems: [
      'policy.yaml:9:16: a plain y, n, yes, no, on or off is read differently by different YAML readers. Put it in quotes.',
    ],
  },
  {
    title: 'a number that YAML 1.1 takes for octal',
    file: 'policy.yaml',
    from: '  subjects:',
    to: '  limits: { rowsPerStatement: 0100 }\n  subjects:',
    problems: [
      'policy.yaml:7:31: a number with a leading 0 or an underscore is read differently by different YAML readers. Put it in quotes.',
    ],
  },
  {
    title: 'a custom tag',
    file: 'policy.yaml',
    from: 'name: agents',
    to: 'name: !secret agents',
    problems: ['policy.yaml:4:9: not valid YAML: Unresolved tag: !secret. Correct the YAML here.'],
  },
  {
    title: 'a merge key',
    file: 'policy.yaml',
    from: '  connectionRef:',
    to: '  <<: { mode: Enforce }\n  connectionRef:',
    problems: [
      'policy.yaml:6:3 spec["<<"]: is not a field of this object. Fields are: connectionRef, subjects, session, rules, limits, recording, mode.',
    ],
  },
]

describe('A folder whose YAML is not what the schemas say is refused with the place, the reason and advice', () => {
  test.each(cases)('$title', async ({ file, from, to, problems }) => {
    await withFolder(changed(file, from, to), async (directory) => {
      const result = await compileDirectory(directory)
      const said = 'problems' in result ? result.problems.map(formatProblem) : []
      expect(said.map((line) => line.replaceAll(`${directory}/`, ''))).toEqual(problems)
    })
  })
})
