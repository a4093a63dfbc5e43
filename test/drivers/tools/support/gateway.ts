/** A gateway that governs by tools/policy, behind a proxy that counts requests. */

import { join } from 'node:path'

import pino from 'pino'

import { startEmbedded, type Embedded } from '../../../../cli/up/embedded.ts'
import { compileDirectory } from '../../../../operator/compile/directory.ts'
import { sealBundle } from '../../../../sidecar/control/digest.ts'
import { openFileRecorder } from '../../../../sidecar/recording/file-recorder.ts'
import { startGateway } from '../../../../sidecar/start.ts'
import { keyPairSigner } from '../../../../sidecar/upstream/key-pair.ts'
import { captureProxy } from '../../../wire/capture-proxy.ts'
import { httpMessages, type HttpMessage } from '../../../wire/http-messages.ts'

const policy = join(import.meta.dirname, '../policy')

/** As the policy names them: builders may also write STAGING.BUILD. */
export type Group = 'readers' | 'builders'

export interface ToolGateway {
  /** Of the proxy. */
  readonly url: string
  token(group: Group): Promise<string>
  count(pathPrefix: string): number
  /** The text of each statement that a client sent, in order. */
  statements(): readonly string[]
  /** In the warehouse itself, as an administrator. */
  execute: Embedded['warehouse']['execute']
  stop(): Promise<void>
}

/** `upstream`: a server that is no example warehouse, but takes its place. */
export async function startToolGateway(recording: string, upstream?: string): Promise<ToolGateway> {
  const compiled = await compileDirectory(policy)
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const embedded = await startEmbedded(compiled.bundle, 0)
  const { bundle, privateKey, issuer, warehouse } = embedded
  const { connection } = bundle
  await warehouse.execute('CREATE SCHEMA STAGING.BUILD')
  const recorder = await openFileRecorder({ path: recording })
  const gateway = await startGateway({
    bundle:
      upstream === undefined
        ? bundle
        : sealBundle({ ...bundle, connection: { ...connection, url: upstream } }),
    recorder,
    port: 0,
    signer: keyPairSigner({ account: connection.account, user: connection.user, privateKey }),
    log: pino({ level: 'silent' }),
  })
  const proxy = await captureProxy({ target: gateway.url })
  const requests = (): readonly HttpMessage[] =>
    proxy.conversations().flatMap(({ sent }) => httpMessages(sent))
  return {
    url: proxy.url,
    token: (group) => issuer.mint({ subject: 'tool', groups: [group] }),
    count: (pathPrefix) =>
      requests().filter(({ start }) => start.split(' ')[1]?.startsWith(pathPrefix)).length,
    statements: () =>
      requests()
        .filter(({ start }) => start.startsWith('POST /queries/v1/query-request'))
        .map(({ body }) => (JSON.parse(body.toString('utf8')) as { sqlText: string }).sqlText),
    execute: (sql) => warehouse.execute(sql),
    stop: async () => {
      await proxy.close()
      await gateway.close('test')
      await recorder.close()
      await embedded.close()
    },
  }
}
