/** The API server as commands ask it, with the rights of whoever runs them. */

import type { KubeClient } from '../../operator/kube/client.ts'
import type { Api, Json } from '../doctor/finding.ts'
import { CliError } from '../output.ts'

export interface AccessOptions {
  readonly kubeconfig?: string
  readonly context?: string
}

export interface OpenApi extends Api {
  /** Whether anything was answered so far, be it a refusal. */
  readonly answered: boolean
  /** Merges `body` into the object at `path` (RFC 7386). */
  patch(path: string, body: unknown): Promise<Json>
  close(): Promise<void>
}

const mergePatch = 'application/merge-patch+json'
/** As managedFields name what a person wrote by a command. */
const fieldManager = 'frostgate-cli'

/** Objects of one page. */
const pageSize = 500

/** Loads the client first: it weighs more than the rest of the command line. */
export async function openApi(options: AccessOptions): Promise<OpenApi> {
  const { kubeClient } = await import('../../operator/kube/client.ts')
  return apiOver(kubeClient(options))
}

export function apiOver(client: KubeClient): OpenApi {
  let answered = false
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      const value = await answer
      answered = true
      return value
    } catch (error) {
      const { status, reason, message } = error as {
        readonly status?: unknown
        readonly reason?: unknown
        readonly message?: unknown
      }
      if (reason === 'NoCredentials') throw new CliError(String(message))
      if (typeof status === 'number' && status > 0) answered = true
      throw error
    }
  }
  return {
    get: (path) => asked(client.request('GET', path)),
    list: async (path) => {
      const items: unknown[] = []
      for (let next: string | undefined = ''; next !== undefined;) {
        const query = { limit: pageSize, continue: next === '' ? undefined : next }
        const page: Page = await asked(client.request<Page>('GET', path, { query }))
        items.push(...(page.items ?? []))
        next = page.metadata?.continue === '' ? undefined : page.metadata?.continue
      }
      return items
    },
    post: (path, body) => asked(client.post(path, body)),
    patch: (path, body) =>
      asked(
        client.request('PATCH', path, { body, contentType: mergePatch, query: { fieldManager } }),
      ),
    serverTime: () => asked(client.serverTime()),
    get answered() {
      return answered
    },
    close: () => client.close(),
  }
}

interface Page {
  readonly metadata?: { readonly continue?: string }
  readonly items?: readonly unknown[]
}
