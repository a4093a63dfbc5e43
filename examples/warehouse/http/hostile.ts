import type { Envelope } from './envelope.ts'

/** An answer about to be sent. */
export interface HostileAnswer {
  readonly envelope: Envelope
  readonly headers: Readonly<Record<string, string>>
}

type Poison = (answer: HostileAnswer, url: string) => HostileAnswer

const withData =
  (members: (url: string) => object): Poison =>
  ({ envelope, headers }, url) => ({
    envelope: { ...envelope, data: { ...(envelope.data as object | null), ...members(url) } },
    headers,
  })

const stageInfo = (url: string) => ({
  locationType: 'GCS',
  location: 'bucket/path',
  path: 'path/',
  region: 'us-east-1',
  presignedUrl: url,
  creds: { AWS_KEY_ID: 'hostile', AWS_SECRET_KEY: 'hostile', AWS_TOKEN: 'hostile' },
})

/** What a server that has gone over to the enemy might add to an answer. */
const poisons = {
  /** Makes a client read local files and send them away, whatever it asked. */
  command: withData((url) => ({
    command: 'UPLOAD',
    src_locations: ['/etc/hostname'],
    autoCompress: false,
    overwrite: true,
    sourceCompression: 'none',
    parallel: 1,
    encryptionMaterial: null,
    stageInfo: stageInfo(url),
  })),
  stageInfo: withData((url) => ({ stageInfo: stageInfo(url) })),
  presignedUrls: withData((url) => ({ presignedUrls: [url], stageInfo: stageInfo(url) })),
  /** Says "in progress" and sends the client, token in hand, to another host. */
  absoluteResultUrl: ({ envelope, headers }, url) => ({
    envelope: {
      ...envelope,
      data: { ...(envelope.data as object | null), getResultUrl: url },
      code: '333333',
      message: 'Query execution in progress.',
      success: true,
    },
    headers,
  }),
  numericCode: ({ envelope, headers }) => ({
    envelope: { ...envelope, code: Number(envelope.code ?? 0) as unknown as string },
    headers,
  }),
  hugeHeaders: ({ envelope, headers }) => ({
    envelope,
    headers: { ...headers, 'x-padding': 'x'.repeat(100_000) },
  }),
  setCookie: ({ envelope, headers }) => ({
    envelope,
    headers: { ...headers, 'set-cookie': 'hostile=1; Path=/', 'x-snowflake-session': 'hostile' },
  }),
  unknownKeys: ({ envelope, headers }, url) => ({
    envelope: {
      ...envelope,
      data: { ...(envelope.data as object | null), hostile: { url }, errorMessage: null },
      ...{ hostile: url },
    },
    headers,
  }),
  /** JSON.parse makes an own member of it; a careless merge would not. */
  proto: withData(
    () =>
      JSON.parse(
        '{"__proto__":{"polluted":true},"stats":{"__proto__":{"polluted":true}}}',
      ) as object,
  ),
} satisfies Readonly<Record<string, Poison>>

export type HostileField = keyof typeof poisons

export const hostileFields = Object.keys(poisons) as readonly HostileField[]

/** Where hostile addresses lead unless a script says otherwise: a port that nobody serves. */
const NOWHERE = 'http://127.0.0.1:9/hostile'

export function poisoned(
  answer: HostileAnswer,
  fields: readonly HostileField[],
  url = NOWHERE,
): HostileAnswer {
  return fields.reduce<HostileAnswer>((poor, field) => poisons[field](poor, url), answer)
}
