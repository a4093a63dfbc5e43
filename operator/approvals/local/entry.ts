/** The ConfigMap `frostgate-approvers` as people put it into the folder of configuration. */

import { stringify } from 'yaml'

import type { PublicKey } from './keys.ts'

export interface ApproverEntry {
  /** A key of `data`. */
  readonly key: string
  readonly text: string
}

/** What Kubernetes takes as a key of a ConfigMap's data. */
const keyForm = /^[-._a-zA-Z0-9]{1,253}$/

export function approverEntry(
  username: string,
  groups: readonly string[],
  publicKey: PublicKey,
): ApproverEntry {
  const isKey = keyForm.test(username) && !/^\.{1,2}$/.test(username)
  const key = isKey ? username : username.replace(/[^-._a-zA-Z0-9]/g, '-').slice(0, 200)
  const lines = [
    ...(key === username ? [] : [`username: ${JSON.stringify(username)}`]),
    `groups: ${JSON.stringify(groups)}`,
    `publicKey: ${JSON.stringify(publicKey)}`,
  ]
  return { key, text: `${lines.join('\n')}\n` }
}

export function approversYaml(entries: readonly ApproverEntry[]): string {
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'frostgate-approvers' },
      data: Object.fromEntries(entries.map(({ key, text }) => [key, text])),
    },
    { lineWidth: 0, blockQuote: 'literal' },
  )
}
