/** Name, connection, certificate, clock: the way to an account, step by step, from this machine. */

import { isOfTheCluster, type Account } from './account.ts'
import type { Network } from './finding.ts'

export type Reached =
  | { readonly addresses: readonly string[]; readonly time: number | undefined }
  | {
      readonly step: 'DNS' | 'TCP' | 'TLS'
      readonly what: string
      readonly remedy: string
      /** It cannot work from here, and says nothing about pods. */
      readonly expected: boolean
    }

/** Errors of node:tls and OpenSSL about certificates; all others are of the connection. */
const certificateCodes =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|HOSTNAME_MISMATCH)/

export async function reach(network: Network, account: Account): Promise<Reached> {
  const { host, url, trust } = account
  if (isOfTheCluster(account) && !network.inCluster) {
    return {
      step: 'DNS',
      expected: true,
      what: `${host} is a name of the cluster’s own DNS, which only pods ask`,
      remedy:
        'Run this in a pod, or rely on the sidecars: each proves one login before its pod starts.',
    }
  }
  let addresses: readonly string[]
  try {
    addresses = await network.resolve(host.replace(/^\[|\]$/g, ''))
  } catch (error) {
    return {
      step: 'DNS',
      expected: false,
      what: `${host} has no address here (${codeOf(error)})`,
      remedy: 'Check the account’s name (SELECT SYSTEM$ALLOWLIST() lists its hosts), and DNS here.',
    }
  }
  try {
    return { addresses, time: await network.reach(url, trust) }
  } catch (error) {
    const code = codeOf(error)
    return certificateCodes.test(code)
      ? {
          step: 'TLS',
          expected: false,
          what: `the certificate of ${host} is not accepted (${code})`,
          remedy:
            trust === null
              ? 'A proxy that opens TLS is between: let this host pass, or give its CA in spec.tls.caSecretRef.'
              : 'Put the CA that signs it into the Secret of spec.tls.caSecretRef.',
        }
      : {
          step: 'TCP',
          expected: false,
          what: `${host} (${addresses.join(', ')}) does not answer (${code})`,
          remedy: 'Let this machine out to it on that port; the sidecars’ way out is their own.',
        }
  }
}

function codeOf(error: unknown): string {
  const { code, cause, message } = error as {
    readonly code?: unknown
    readonly cause?: { readonly code?: unknown }
    readonly message?: unknown
  }
  const found = [code, cause?.code, message].find((each) => typeof each === 'string' && each !== '')
  return typeof found === 'string' ? found : 'no reason given'
}
