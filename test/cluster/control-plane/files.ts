/** Writes what the control plane's programs read: keys, tokens, configuration, kubeconfigs. */

import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { run } from '../command.ts'
import { auditPolicy, authenticationConfiguration, kubeconfig } from './configuration.ts'
import { files, type Layout } from './flags.ts'
import { identities, newTokens, tokenFile, type IdentityName } from './identities.ts'

/** User of the API server's calls to kubelets (logs, exec); bound to a role in node.ts. */
export const kubeletClientUser = 'kube-apiserver-kubelet-client'

/** @returns the admin's kubeconfig. */
export async function writeFiles(layout: Layout): Promise<string> {
  const { folder, ports, address } = layout
  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(folder, name), text, { mode: 0o600 })
  await mkdir(join(folder, files.logs), { recursive: true })
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const tokens = newTokens()
  await write(files.tokens, tokenFile(tokens))
  await write(files.authentication, authenticationConfiguration())
  await write(files.auditPolicy, auditPolicy())
  await write(files.serviceAccountKey, String(privateKey.export({ type: 'pkcs1', format: 'pem' })))
  await write(files.serviceAccountPublic, String(publicKey.export({ type: 'spki', format: 'pem' })))
  const server = `https://${address}:${ports.apiServer}`
  const authority = join(folder, files.apiServerCertificate)
  for (const name of Object.keys(identities) as readonly IdentityName[]) {
    await write(kubeconfigName(name), kubeconfig({ server, authority, token: tokens[name] }))
  }
  return join(folder, kubeconfigName('admin'))
}

export function kubeconfigName(name: IdentityName): string {
  return `${name}.kubeconfig`
}

/**
 * A certificate for the API server's calls to the kubelet. It signs itself: the kubelet takes the
 * very certificate as its authority, so no other is accepted.
 */
export async function writeKubeletClient(folder: string): Promise<void> {
  const key = join(folder, files.kubeletClientKey)
  const certificate = join(folder, files.kubeletClient)
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const about = ['-days', '2', '-subj', `/CN=${kubeletClientUser}`]
  const usage = ['-addext', 'extendedKeyUsage=clientAuth']
  await run('openssl', [
    ...['req', '-x509', ...curve, ...about, ...usage],
    ...['-keyout', key, '-out', certificate],
  ])
}
