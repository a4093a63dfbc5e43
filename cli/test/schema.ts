/** What a PolicyTest may hold. Descriptions are shown where a value has the wrong form. */

const text = { type: 'string', minLength: 1 } as const
const texts = { type: 'array', items: text } as const

const session = {
  database: text,
  schema: text,
  role: text,
  warehouse: text,
} as const

const object = (properties: object, required: readonly string[] = []) =>
  ({ type: 'object', additionalProperties: false, properties, required }) as const

export const policyTestSchema = object(
  {
    apiVersion: { const: 'frostgate.dev/v1alpha1' },
    kind: { const: 'PolicyTest' },
    metadata: object({ name: text }),
    catalog: text,
    now: text,
    session: object(session),
    identities: {
      type: 'object',
      minProperties: 1,
      additionalProperties: object(
        { provider: text, subject: text, groups: texts, claims: { type: 'object' } },
        ['provider', 'subject'],
      ),
    },
    cases: {
      type: 'array',
      minItems: 1,
      items: object(
        {
          name: text,
          as: text,
          sql: text,
          ...session,
          expect: { enum: ['allow', 'deny', 'hold', 'noLogin'] },
          error: text,
          rule: {
            type: 'string',
            pattern: '^[^/]+/[^/]+$',
            description: 'Write POLICY/RULE, such as ai-agents/never.',
          },
          masked: texts,
          message: text,
          columns: texts,
          emitted: text,
        },
        ['name', 'as', 'sql', 'expect'],
      ),
    },
  },
  ['apiVersion', 'kind', 'identities', 'cases'],
)
