/** Where a SnowflakeConnection leads, read with the rights of whoever runs the doctor. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import { addressOfAccount, addressOfHost, type Address } from '../../operator/compile/address.ts'
import { compileTrust } from '../../operator/compile/trust.ts'
import type { Secret } from '../../operator/store/objects.ts'
import { isLoopback } from '../../sidecar/control/transport.ts'
import { refusalOf, textAt, type Api } from './finding.ts'

export interface Account extends Address {
  readonly host: string
  /** PEM of the only roots, or null for the public ones. */
  readonly trust: string | null
}

export type FoundAccount =
  { readonly account: Account } | { readonly problem: string; readonly forbidden: boolean }

/** A problem is one sentence, without anything of a Secret's values. */
export async function accountOf(api: Api, connection: SnowflakeConnection): Promise<FoundAccount> {
  const { account: name, host, tls } = connection.spec
  const address =
    host === undefined
      ? { value: addressOfAccount(name ?? '') }
      : addressOfHost(host, tls !== undefined)
  if (!('value' in address)) return { problem: `spec.host: ${address.message}`, forbidden: false }
  const found = { ...address.value, host: new URL(address.value.url).hostname }
  if (tls === undefined) return { account: { ...found, trust: null } }
  const secret = await readSecret(api, connection, tls.caSecretRef.name)
  if ('problem' in secret) return secret
  const problems: string[] = []
  const trust = compileTrust(
    connection,
    tls,
    new Map([[tls.caSecretRef.name, secret.secret]]),
    (_path, message) => problems.push(message),
  )
  const [problem] = problems
  return problem === undefined
    ? { account: { ...found, trust } }
    : { problem: `spec.tls.caSecretRef: ${problem}`, forbidden: false }
}

/** A Secret beside a connection. */
export async function readSecret(
  api: Api,
  connection: SnowflakeConnection,
  name: string,
): Promise<
  { readonly secret: Secret } | { readonly problem: string; readonly forbidden: boolean }
> {
  const namespace = connection.metadata.namespace ?? ''
  try {
    const secret = await api.get(`/api/v1/namespaces/${namespace}/secrets/${name}`)
    return { secret: secret as unknown as Secret }
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal?.status === 404)
      return { problem: `there is no Secret ${namespace}/${name}`, forbidden: false }
    if (refusal?.status === 403 || refusal?.status === 401)
      return { problem: `you may not read Secret ${namespace}/${name}`, forbidden: true }
    throw error
  }
}

export const isOfThePod = ({ host }: Account): boolean => isLoopback(host)

/** Names that only a cluster's own DNS knows. */
export const isOfTheCluster = ({ host }: Account): boolean =>
  /\.(svc|cluster\.local)$/.test(host) || !host.includes('.')

export function nameOf(connection: unknown): string {
  return `${textAt(connection, 'metadata', 'namespace') ?? ''}/${textAt(connection, 'metadata', 'name') ?? ''}`
}
