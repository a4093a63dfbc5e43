/**
 * Settings of notifications, from one YAML file that holds no secret: secrets are in files that it
 * names. What is not understood is refused, with its line.
 */

import { Ajv } from 'ajv'

import type { FieldPath } from '../../crds/field-path.ts'
import { formatField } from '../../crds/field-path.ts'
import { schemaMessage } from '../../crds/messages.ts'
import { readDocuments, type YamlDocument } from '../store/documents.ts'
import { formatProblem, sortProblems, type Problem } from '../store/problem.ts'
import { settingsSchema } from './settings-schema.ts'

export interface NotifySettings {
  /** Where the approvals page is, as people's browsers reach it. */
  readonly pageUrl?: string
  readonly webhooks: readonly WebhookSettings[]
  readonly slack?: SlackSettings
}

export interface WebhookSettings {
  readonly name: string
  readonly url: string
  readonly secretFile: string
  readonly includeStatement: boolean
  /** `NAME` or `NAMESPACE/NAME`; all if it is left out. */
  readonly connections?: readonly string[]
}

export interface SlackSettings {
  /** The one workspace whose people may decide. */
  readonly teamId: string
  readonly tokenFile: string
  readonly signingSecretFile: string
  readonly apiUrl: string
  readonly channels: readonly SlackChannel[]
  /** By Slack's id of the user. Nobody else counts. */
  readonly people: Readonly<Record<string, MappedPerson>>
}

export interface SlackChannel {
  readonly name: string
  /** Slack's id, such as C0123456789. */
  readonly channel: string
  readonly connections?: readonly string[]
}

/** Who a Slack user is where approvers are named: the user ISSUER#SUBJECT, in these groups. */
export interface MappedPerson {
  readonly issuer: string
  readonly subject: string
  readonly groups: readonly string[]
  /** Other names of the same person: that of the API server, if it ends otherwise. */
  readonly aliases: readonly string[]
}

const ajv = new Ajv({ allErrors: true, useDefaults: true, verbose: true })
const validate = ajv.compile(settingsSchema)

/**
 * @param file as it is to be called in messages
 * @throws Error that says each problem with its line and what to write instead.
 */
export function readNotifySettings(file: string, text: string): NotifySettings {
  const { documents, problems } = readDocuments(file, text)
  if (problems.length > 0) throw refused(problems)
  const [document, more] = documents
  if (more !== undefined)
    throw new Error(`${file} holds several documents. Write all settings into one.`)
  if (document === undefined) return { webhooks: [] }
  const { value } = document
  if (!validate(value)) {
    const found = (validate.errors ?? []).map((error) => {
      const { field, message, advice } = schemaMessage(error)
      const path = pathOf(error.instancePath)
      return problemAt(document, field === undefined ? path : [...path, field], message, advice)
    })
    throw refused(found)
  }
  const settings = value as NotifySettings
  const wrong = contradictions(settings)
  if (wrong.length > 0)
    throw refused(
      wrong.map(({ path, message, advice }) => problemAt(document, path, message, advice)),
    )
  return settings
}

interface Contradiction {
  readonly path: FieldPath
  readonly message: string
  readonly advice: string
}

/** What a schema cannot say. */
function contradictions({ pageUrl, webhooks, slack }: NotifySettings): readonly Contradiction[] {
  const urls: readonly (readonly [FieldPath, string | undefined])[] = [
    [['pageUrl'], pageUrl],
    ...webhooks.map(({ url }, at) => [['webhooks', at, 'url'], url] as const),
    [['slack', 'apiUrl'], slack?.apiUrl],
  ]
  const named: readonly (readonly [FieldPath, string])[] = [
    ...webhooks.map(({ name }, at) => [['webhooks', at, 'name'], name] as const),
    ...(slack?.channels ?? []).map(
      ({ name }, at) => [['slack', 'channels', at, 'name'], name] as const,
    ),
  ]
  const people = Object.keys(slack?.people ?? {})
  return [
    ...people
      .filter((user) => !/^[UW][A-Z0-9]{2,31}$/.test(user))
      .map((user) => ({
        path: ['slack', 'people', user],
        message: 'is not the id of a Slack user',
        advice: "Write the member's id, such as U0123456789; it is in their profile.",
      })),
    ...urls.flatMap(([path, url]) => {
      const why = url === undefined ? undefined : unusable(url)
      return why === undefined ? [] : [{ path, ...why }]
    }),
    ...named
      .filter(([, name], at) => named.findIndex(([, other]) => other === name) < at)
      .map(([path, name]) => ({
        path,
        message: `"${name}" is there already`,
        advice:
          'Give each webhook and channel a name of its own: the status of requests tells them apart by it.',
      })),
  ]
}

function unusable(text: string): Pick<Contradiction, 'message' | 'advice'> | undefined {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && !isLoopback(url)))
    return {
      message: 'is not an address that begins with https://',
      advice: 'Write https://HOST/PATH; http:// is for 127.0.0.1 and [::1] only.',
    }
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return {
      message: 'holds a user, a password or a fragment',
      advice: 'Leave them out: messages are signed instead.',
    }
  return undefined
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && (/^127(\.\d+){3}$/.test(hostname) || hostname === '[::1]')
}

function problemAt(
  { locate }: YamlDocument,
  path: FieldPath,
  message: string,
  advice: string,
): Problem {
  return { ...locate(path), object: undefined, field: formatField(path), message, advice }
}

function refused(problems: readonly Problem[]): Error {
  return new Error([...new Set(sortProblems(problems).map(formatProblem))].join('\n'))
}

function pathOf(pointer: string): FieldPath {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}
