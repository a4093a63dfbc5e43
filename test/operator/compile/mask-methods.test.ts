import { describe, expect, test } from 'vitest'
import { bundleOf, changed, problemsOf } from './folder.ts'

const withMask = (text: string) => changed('masking.yaml', 'partial:\n      keepLast: 4', text)

const maskOf = async (files: Readonly<Record<string, string>>) => (await bundleOf(files)).masks[0]

const secret = '{ secretRef: { name: k }, inStatements: Allow }'
const secretKey = { kind: 'inStatement', secretName: 'k' }
const functionKey = { kind: 'function', database: 'GOV', schema: 'KEYS', name: 'Mac' }

describe('A masking rule', () => {
  test.each([
    ['redact: {}', { kind: 'redact' }],
    ['"null": {}', { kind: 'null' }],
    ['partial: { keepFirst: 2 }', { kind: 'partial', keepFirst: 2, keepLast: 0 }],
    ['email: {}', { kind: 'email' }],
    [`hash: { key: ${secret} }`, { kind: 'hash', key: secretKey }],
    [`hash: { key: { function: 'gov.keys."Mac"' } }`, { kind: 'hash', key: functionKey }],
    [
      `token: { key: ${secret} }`,
      { kind: 'token', key: secretKey, format: 'Opaque', domain: 'ssn' },
    ],
    [
      `token: { key: ${secret}, format: Digits, domain: persons }`,
      { kind: 'token', key: secretKey, format: 'Digits', domain: 'persons' },
    ],
    ['dateTruncate: { to: Quarter }', { kind: 'dateTruncate', to: 'Quarter' }],
    ['bucket: { size: 10 }', { kind: 'bucket', size: 10 }],
    [
      String.raw`regex: { pattern: '([0-9]+)-[0-9]+', replacement: '\1-x' }`,
      {
        kind: 'regex',
        pattern: '([0-9]+)-[0-9]+',
        replacement: String.raw`\1-x`,
        unmatched: 'Redact',
      },
    ],
    [
      `regex: { pattern: '[0-9]', replacement: '', unmatched: Keep }`,
      { kind: 'regex', pattern: '[0-9]', replacement: '', unmatched: 'Keep' },
    ],
  ])('has the mask %s', async (text, method) => {
    expect((await maskOf(withMask(text)))?.method).toEqual(method)
  })

  test('may name tags instead of columns, with or without a value', async () => {
    const tags = 'tags: [{ name: gov.tags.pii }, { name: GOV."t".PII, value: ssn }]'
    const mask = await maskOf(changed('masking.yaml', 'columns: [A.B.C.SSN]', tags))
    expect(mask?.columns).toEqual([])
    expect(mask?.tags).toEqual([
      { database: 'GOV', schema: 'TAGS', name: 'PII', value: null },
      { database: 'GOV', schema: 't', name: 'PII', value: 'ssn' },
    ])
  })

  test.each([`hash: { key: ${secret} }`, `token: { key: ${secret} }`])(
    'may be joinable where equal masks mean equal values: %s',
    async (text) => {
      const files = withMask(text)
      const masking = (files['masking.yaml'] ?? '').replace('  mask:', '  usage: Joinable\n  mask:')
      expect((await maskOf({ ...files, 'masking.yaml': masking }))?.usage).toBe('Joinable')
    },
  )
})

describe('A masking rule that cannot be meant so is refused at the field:', () => {
  test.each([
    [
      'a mask that keeps nothing',
      'partial: { keepLast: 0 }',
      '9:5 spec.mask.partial: keeps 0 characters. keepFirst and keepLast together must be from 1 to 8; to keep nothing use redact.',
    ],
    [
      'a mask that keeps too much',
      'partial: { keepLast: 5, keepFirst: 4 }',
      '9:5 spec.mask.partial: keeps 9 characters. keepFirst and keepLast together must be from 1 to 8; to keep nothing use redact.',
    ],
    [
      'a hash without a key',
      'hash: {}',
      '9:5 spec.mask.hash.key: is missing. It is required; add it.',
    ],
    [
      'a key of neither kind',
      'token: { key: {} }',
      '9:14 spec.mask.token.key: give exactly one of function, secretRef. None of them is there.',
    ],
    [
      'a key of both kinds',
      'token: { key: { function: A.B.C, secretRef: { name: k } } }',
      '9:38 spec.mask.token.key.secretRef: give exactly one of function, secretRef. There are: function, secretRef.',
    ],
    [
      "a Secret's key that may not be written anywhere",
      'hash: { key: { secretRef: { name: k } } }',
      '9:20 spec.mask.hash.key.secretRef: is not enough: the key would have to go into the text of statements, which Snowflake logs, and masking of results as they pass is not there yet. Name a secure function of the account under key.function; or accept that query history shows the derived key, with inStatements: Allow.',
    ],
    [
      'inStatements for a function',
      'hash: { key: { function: A.B.C, inStatements: Allow } }',
      '9:13 spec.mask.hash.key: inStatements is about secretRef, and has no meaning without it. There are: inStatements.',
    ],
    [
      'a function without its database',
      'hash: { key: { function: F } }',
      '9:20 spec.mask.hash.key.function: "F" has 1 parts instead of 3. Write DATABASE.SCHEMA.NAME, each part an identifier.',
    ],
    [
      'any function of a schema',
      'hash: { key: { function: A.B.* } }',
      '9:20 spec.mask.hash.key.function: "A.B.*" is not the name of one object. Write DATABASE.SCHEMA.NAME, each part an identifier.',
    ],
    [
      'a domain that is not one word',
      `token: { key: ${secret}, domain: "a b" }`,
      '9:68 spec.mask.token.domain: "a b" does not have the form of this field. Rules of one domain and one key give equal tokens for equal values, so that their columns can be joined. The rule\'s name, if not given.',
    ],
    [
      'a pattern with look-around',
      `regex: { pattern: 'a(?=b)', replacement: x }`,
      '9:14 spec.mask.regex.pattern: character 2: Snowflake has no (?…): no look-around, flags or named groups. Use a plain group.',
    ],
    [
      'a replacement of a group that is not there',
      String.raw`regex: { pattern: '(a)', replacement: '\2' }`,
      String.raw`9:30 spec.mask.regex.replacement: it names group 2, and the pattern has 1. Write \1 to \9 for groups, and no other backslash.`,
    ],
  ])('%s', async (_, text, problem) => {
    expect(await problemsOf(withMask(text))).toEqual([`masking.yaml:${problem}`])
  })

  test.each(['partial: { keepLast: 4 }', `token: { key: ${secret}, format: Digits }`])(
    'joinable masks that are equal for different values: %s',
    async (text) => {
      const files = withMask(text)
      const masking = (files['masking.yaml'] ?? '').replace('  mask:', '  usage: Joinable\n  mask:')
      expect(await problemsOf({ ...files, 'masking.yaml': masking })).toEqual([
        'masking.yaml:8:3 spec.usage: Joinable goes with hash and with token of format Opaque: other masks are equal for different values. It says "Joinable".',
      ])
    },
  )

  test('a tag that is not one name', async () => {
    const files = changed('masking.yaml', 'columns: [A.B.C.SSN]', 'tags: [{ name: PII }]')
    expect(await problemsOf(files)).toEqual([
      'masking.yaml:7:12 spec.tags[0].name: "PII" has 1 parts instead of 3. Write DATABASE.SCHEMA.NAME, each part an identifier.',
    ])
  })
})
