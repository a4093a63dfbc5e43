/** Health endpoints over plain HTTP or over TLS with the server's own certificate as authority. */

import { readFile } from 'node:fs/promises'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'

/**
 * Resolves to whether the endpoint answers 200.
 * @throws Error when it does not answer, or answers another status: with its text.
 */
export async function healthy(url: string, authority?: string): Promise<boolean> {
  const ca = authority === undefined ? undefined : await readFile(authority)
  const { status, text } = await new Promise<{ status: number; text: string }>(
    (resolve, reject) => {
      const read = (response: IncomingMessage): void => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
        })
      }
      const options = { timeout: 5000, agent: false as const }
      const request = url.startsWith('https:')
        ? httpsGet(url, { ...options, ca }, read)
        : httpGet(url, options, read)
      request.on('timeout', () => request.destroy(new Error(`${url} did not answer in 5 s`)))
      request.on('error', reject)
    },
  )
  if (status !== 200) throw new Error(`${url} answered ${status}: ${text.slice(0, 1000)}`)
  return true
}
