/**
 * Stop and start of the API server across processes: suites run in vitest's workers, while its
 * main process started the cluster. A Unix socket in the run folder carries the two words.
 */

import { createServer, request } from 'node:http'
import { join } from 'node:path'

export interface ApiServerSwitch {
  /** Ends the API server; its data stays. */
  readonly stop: () => Promise<void>
  /** Starts it again with the same address and data; resolves when it is ready. */
  readonly start: () => Promise<void>
}

const actions = ['stop', 'start'] as const

/** Offers the switch; resolves to what ends the offer. */
export async function offerSwitch(
  runFolder: string,
  target: ApiServerSwitch,
): Promise<() => Promise<void>> {
  const server = createServer((incoming, answer) => {
    const action = actions.find((name) => incoming.url === `/${name}`)
    const end = (status: number, text = ''): void => {
      answer.writeHead(status).end(text)
    }
    if (action === undefined) {
      end(404, 'stop or start')
      return
    }
    target[action]().then(
      () => {
        end(204)
      },
      (error: unknown) => {
        end(500, error instanceof Error ? error.message : String(error))
      },
    )
  })
  await new Promise<void>((done) => server.listen(socketOf(runFolder), done))
  return async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
}

/** The switch as a suite uses it; failures are those of the process that holds the cluster. */
export function remoteSwitch(runFolder: string): ApiServerSwitch {
  return { stop: () => send(runFolder, 'stop'), start: () => send(runFolder, 'start') }
}

async function send(runFolder: string, action: (typeof actions)[number]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const options = { socketPath: socketOf(runFolder), path: `/${action}`, method: 'POST' }
    const call = request(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        if (answer.statusCode === 204) resolve()
        else reject(new Error(`API server ${action}: ${Buffer.concat(chunks).toString()}`))
      })
    })
    call.on('error', reject)
    call.end()
  })
}

function socketOf(runFolder: string): string {
  return join(runFolder, 'switch.sock')
}
