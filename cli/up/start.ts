/** A gateway from a folder of YAML, without a cluster: what `up` and `demo` run. */

import type { KeyObject } from 'node:crypto'

import pino, { type Level } from 'pino'

import { compileDirectory } from '../../operator/compile/directory.ts'
import { isEmbeddedExample } from '../../operator/compile/embedded-example.ts'
import type { Problem } from '../../operator/store/problem.ts'
import { readKeyPair } from '../../operator/store/key-pair.ts'
import { readMaskKeys } from '../../operator/store/mask-keys.ts'
import type { Bundle, MaskKeys } from '../../sidecar/control/bundle.ts'
import { openFileRecorder, type FileRecorder } from '../../sidecar/recording/file-recorder.ts'
import { systemCode } from '../../sidecar/recording/recording-error.ts'
import { startGateway, type RunningGateway } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { problemsError } from '../configuration.ts'
import { CliError } from '../output.ts'
import { startEmbedded, type Embedded } from './embedded.ts'

export interface UpOptions {
  readonly directory: string
  /** `name` or `namespace/name`, where the folder holds several. */
  readonly connection?: string | undefined
  /** 0 takes a free one. */
  readonly port: number
  readonly issuerPort?: number | undefined
  readonly recording: string
  readonly logLevel: Level | 'silent'
}

export interface Up {
  readonly bundle: Bundle
  readonly gateway: RunningGateway
  readonly recording: string
  /** Undefined for a connection to a real Snowflake account. */
  readonly embedded: Embedded | undefined
  close(reason: string): Promise<void>
}

/** Errors: CliError with every problem of the folder, a taken port, or a recording that cannot be written. */
export async function startUp(options: UpOptions): Promise<Up> {
  const compiled = await compileDirectory(
    options.directory,
    options.connection === undefined ? {} : { connection: options.connection },
  )
  if ('problems' in compiled) throw notStarted(compiled.problems)
  const masks = readMaskKeys(compiled.objects, compiled.bundle.masks)
  if ('problems' in masks) throw notStarted(masks.problems)
  const embedded = isEmbeddedExample(compiled.connection)
    ? await startEmbedded(compiled.bundle, options.issuerPort).catch(explainPort)
    : undefined
  const bundle = embedded?.bundle ?? compiled.bundle
  let recorder: FileRecorder | undefined
  try {
    const privateKey =
      embedded?.privateKey ?? keyOf(readKeyPair(compiled.objects, compiled.connection))
    recorder = await openRecording(options.recording)
    const gateway = await start(options, bundle, { privateKey, masks: masks.keys }, recorder).catch(
      explainPort,
    )
    const opened = recorder
    return {
      bundle,
      gateway,
      recording: options.recording,
      embedded,
      close: async (reason) => {
        await gateway.close(reason)
        await opened.close()
        await embedded?.close()
      },
    }
  } catch (error) {
    await recorder?.close()
    await embedded?.close()
    throw error
  }
}

function start(
  options: UpOptions,
  bundle: Bundle,
  keys: { readonly privateKey: KeyObject; readonly masks: MaskKeys },
  recorder: FileRecorder,
): Promise<RunningGateway> {
  const { account, user } = bundle.connection
  return startGateway({
    bundle,
    recorder,
    port: options.port,
    signer: keyPairSigner({ account, user, privateKey: keys.privateKey }),
    maskKeys: keys.masks,
    log: pino({ level: options.logLevel, base: null }, pino.destination(2)),
  })
}

function keyOf(read: ReturnType<typeof readKeyPair>): KeyObject {
  if ('problem' in read) throw notStarted([read.problem])
  return read.privateKey
}

function notStarted(problems: readonly Problem[]): CliError {
  return problemsError('the configuration', problems, ', so nothing was started')
}

const whyUnwritable: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EISDIR: 'it is a folder',
  EEXIST: 'its folder is a file',
  ENOTDIR: 'its folder is a file',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}

/** A recorder's own errors say what to do already; those of the system name its working files. */
async function openRecording(path: string): Promise<FileRecorder> {
  try {
    return await openFileRecorder({ path })
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    throw new CliError(
      `The recording ${path} cannot be written: ${whyUnwritable[code] ?? code}. Nothing runs unrecorded; choose another file with --recording.`,
    )
  }
}

function explainPort(error: unknown): never {
  const { code, port } = error as { code?: unknown; port?: unknown }
  if (code !== 'EADDRINUSE') throw error
  throw new CliError(
    `Port ${String(port)} on 127.0.0.1 is taken. Stop what listens there, or choose others with --port and --issuer-port.`,
  )
}
