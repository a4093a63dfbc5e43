/** Where an account is: its base URL, and its name as the key-pair JWT needs it. */

import { isLoopback, isSafeTransport } from '../../sidecar/control/transport.ts'
import type { Parsed } from './patterns.ts'

export interface Address {
  /** Upper case, without region: `ACME-DEMO`. */
  readonly account: string
  readonly url: string
}

const snowflakeHost = /^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*\.snowflakecomputing\.(com|cn)$/

/** Two labels or more, the last of which is not a number: an address has no name to check. */
const dnsName = /^([a-z0-9]([a-z0-9_-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/

/** A hostname cannot have underscores, which account names can: Snowflake maps them to hyphens. */
export function addressOfAccount(account: string): Address {
  const host = account.toLowerCase().replaceAll('_', '-')
  const tld = /\.cn-[a-z0-9-]+\.aws$/.test(host) ? 'cn' : 'com'
  return { account: accountName(account), url: `https://${host}.snowflakecomputing.${tld}` }
}

/**
 * Whoever answers at this address is sent the login JWT: so only Snowflake's own names, unless
 * `pinned` certificates alone say who answers. Of such a name the first label is the account. In a
 * cluster loopback is the pod's, and so the agent's.
 */
export function addressOfHost(host: string, pinned: boolean, isInCluster = false): Parsed<Address> {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined
  const plain = url !== undefined && url.host === host.toLowerCase()
  if (plain && isLoopback(url.hostname)) {
    if (isInCluster) return agentsOwn(host)
    return { value: { account: 'LOCALHOST', url: `${pinned ? 'https' : 'http'}://${url.host}` } }
  }
  const name = host.toLowerCase()
  if (snowflakeHost.test(name)) {
    const prefix = name.replace(/\.snowflakecomputing\.(com|cn)$/, '')
    return { value: { account: accountName(prefix), url: `https://${name}` } }
  }
  if (pinned && plain && dnsName.test(url.hostname)) {
    return { value: { account: accountName(url.hostname), url: new URL(`https://${name}`).origin } }
  }
  return pinned ? notAName(host) : notSnowflake(host)
}

const agentsOwn = (address: string) => ({
  message: `"${address}" is a loopback address, where agents of the pod listen as they like`,
  advice: 'In a cluster write a name that other pods have, too; loopback is for frostgate up.',
})

const notAName = (host: string) => ({
  message: `"${host}" is not a DNS name`,
  advice: 'Write a host name, with a port if it is not 443, and without https://.',
})

const notSnowflake = (host: string) => ({
  message: `"${host}" is neither an address of Snowflake nor a loopback address`,
  advice:
    'Write a host name that ends in .snowflakecomputing.com or .snowflakecomputing.cn, without https:// and without a port; or add tls.caSecretRef.',
})

/** Where an OIDC issuer may be: https, or http on this machine unless that is a pod. */
export function checkIssuer(issuer: string, isInCluster = false): Parsed<string> {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const plain =
    url !== undefined && [url.username, url.password, url.search, url.hash].every((p) => p === '')
  if (plain && isInCluster && isLoopback(url.hostname)) return agentsOwn(issuer)
  if (plain && isSafeTransport(url) && !/\s/.test(issuer)) return { value: issuer }
  return {
    message: `"${issuer}" is not an issuer that can be trusted`,
    advice:
      'Write an https URL without query and fragment, exactly as in the "iss" claim; http is for loopback addresses only.',
  }
}

/**
 * As Snowflake's own drivers derive it: the part before the region; of a `.global` address the part
 * before the first hyphen.
 */
function accountName(account: string): string {
  const separator = account.toLowerCase().includes('.global') ? '-' : '.'
  return (account.split(separator)[0] ?? account).toUpperCase()
}
