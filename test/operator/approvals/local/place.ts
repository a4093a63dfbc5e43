/** A folder of approvals with its configuration, people with keys, and a store that keeps it. */

import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { ApprovalRequest } from '../../../../crds/types.ts'
import { openLocalApprovals } from '../../../../operator/approvals/local/client.ts'
import {
  DirectoryApprovalStore,
  type DirectoryApprovalOptions,
} from '../../../../operator/approvals/local/directory-approval-store.ts'
import { approverEntry, approversYaml } from '../../../../operator/approvals/local/entry.ts'
import { createPersonKey, type PersonKey } from '../../../../operator/approvals/local/keys.ts'

export const namespace = 'frostgate'
export const digest = `sha256:${'ab'.repeat(32)}`
export const name = 'abababababababab'
export const key = { namespace, name }

export function request(overrides: Partial<ApprovalRequest['spec']> = {}): ApprovalRequest {
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { name, namespace },
    spec: {
      connectionRef: { name: 'hospital' },
      principal: { provider: 'local', issuer: 'http://127.0.0.1:8089', subject: 'agent-7' },
      statementDigest: digest,
      statement: 'SELECT ID, NOTES FROM HEALTH.PHI.PATIENTS',
      truncated: false,
      role: 'AGENT_READER',
      rules: [{ policy: 'coding-agents', rule: 'clinical-columns' }],
      rulesDigest: `sha256:${'cd'.repeat(32)}`,
      reason: 'Rule clinical-columns asks people first.',
      approvers: { groups: ['data-stewards'], count: 1 },
      delivery: 'Wait',
      uses: 1,
      validFor: '15m',
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      ...overrides,
    },
  }
}

export interface Place {
  readonly root: string
  readonly folder: string
  readonly configuration: string
  /** Told by stores of the place. */
  readonly problems: string[]
  readonly person: (username: string) => Promise<PersonKey>
  /** Lists these people as members of data-stewards; the others not any more. */
  readonly list: (...people: readonly PersonKey[]) => Promise<void>
  readonly store: (options?: Partial<DirectoryApprovalOptions>) => Promise<DirectoryApprovalStore>
  readonly client: () => ReturnType<typeof openLocalApprovals>
  readonly file: (kind: 'request' | 'decision', name: string) => string
  readonly decisionFiles: () => Promise<readonly string[]>
}

export async function place(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'frostgate-approvals-'))
  const stores: DirectoryApprovalStore[] = []
  onTestFinished(async () => {
    for (const store of stores) await store.stop()
    await rm(root, { recursive: true, force: true })
  })
  const folder = join(root, 'approvals')
  const configuration = join(root, 'configuration')
  await mkdir(configuration)
  const problems: string[] = []
  return {
    root,
    folder,
    configuration,
    problems,
    person: (username) =>
      createPersonKey(join(root, `${Math.random().toString(36).slice(2)}.json`), username),
    list: (...people) =>
      writeFile(
        join(configuration, 'approvers.yaml'),
        approversYaml(
          people.map(({ username, publicKey }) =>
            approverEntry(username, ['data-stewards'], publicKey),
          ),
        ),
      ),
    store: async (options = {}) => {
      const store = new DirectoryApprovalStore({
        folder,
        configuration,
        namespace,
        onProblem: (message) => problems.push(message),
        timing: { debounce: 5, poll: 50 },
        ...options,
      })
      stores.push(store)
      await store.start()
      return store
    },
    client: () => openLocalApprovals(folder, configuration),
    file: (kind, each) => join(folder, `approval${kind}-${each}.yaml`),
    decisionFiles: async () =>
      (await readdir(folder)).filter((file) => file.startsWith('approvaldecision-')),
  }
}

/** Whole at once: a store that looks in between would tell of a file that is being written, too. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = join(dirname(dirname(path)), 'new')
  await writeFile(draft, content, { mode: 0o600 })
  await rename(draft, path)
}
