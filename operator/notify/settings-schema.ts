/** Form of the settings file of notifications. */

/** Descriptions are the advice where a text has not the form of its field. */
const name = {
  type: 'string',
  pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  description: 'Write up to 63 of a-z, 0-9 and "-".',
} as const
const url = { type: 'string', minLength: 8, maxLength: 2048 } as const
const path = {
  type: 'string',
  pattern: '^/.',
  maxLength: 4096,
  description: 'Write the absolute path of a file.',
} as const
const connections = {
  type: 'array',
  minItems: 1,
  maxItems: 256,
  items: {
    type: 'string',
    pattern: '^([a-z0-9-]{1,63}/)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$',
    description: 'Write the name of a SnowflakeConnection, or NAMESPACE/NAME.',
  },
} as const

const webhook = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'url', 'secretFile'],
  properties: {
    name,
    url,
    secretFile: path,
    includeStatement: { type: 'boolean', default: false },
    connections,
  },
} as const

const person = {
  type: 'object',
  additionalProperties: false,
  required: ['issuer', 'subject'],
  properties: {
    issuer: { type: 'string', minLength: 1, maxLength: 2048 },
    subject: { type: 'string', minLength: 1, maxLength: 1024 },
    groups: {
      type: 'array',
      maxItems: 256,
      default: [],
      items: { type: 'string', minLength: 1, maxLength: 256 },
    },
    aliases: {
      type: 'array',
      maxItems: 16,
      default: [],
      items: { type: 'string', minLength: 1, maxLength: 1024 },
    },
  },
} as const

const slack = {
  type: 'object',
  additionalProperties: false,
  required: ['teamId', 'tokenFile', 'signingSecretFile', 'channels', 'people'],
  properties: {
    teamId: {
      type: 'string',
      pattern: '^T[A-Z0-9]{2,31}$',
      description: "Write the workspace's id, such as T0123456789.",
    },
    tokenFile: path,
    signingSecretFile: path,
    apiUrl: { ...url, default: 'https://slack.com/api/' },
    channels: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'channel'],
        properties: {
          name,
          channel: {
            type: 'string',
            pattern: '^[CG][A-Z0-9]{2,31}$',
            description:
              "Write the channel's id, such as C0123456789; it is at the end of its details.",
          },
          connections,
        },
      },
    },
    people: {
      type: 'object',
      maxProperties: 10_000,
      additionalProperties: person,
    },
  },
} as const

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    pageUrl: url,
    webhooks: { type: 'array', maxItems: 16, default: [], items: webhook },
    slack,
  },
} as const
