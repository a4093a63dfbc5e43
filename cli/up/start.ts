/** A gateway from a folder of YAML, without a cluster: what `up` and `demo` run. */

import type { Level } from 'pino'

import type { Bundle } from '../../sidecar/control/bundle.ts'
import { openFileRecorder, type FileRecorder } from '../../sidecar/recording/file-recorder.ts'
import { systemCode } from '../../sidecar/recording/recording-error.ts'
import { frostgateLog } from '../../sidecar/log.ts'
import { startGateway, type RunningGateway } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { CliError } from '../output.ts'
import { approvalsBeside, openApprovals, type UpApprovals } from './approvals.ts'
import { startEmbedded, type Embedded } from './embedded.ts'
import { readFolder, type FolderRead } from './read.ts'
import { applyFolder, type Reloaded } from './reload.ts'

export interface UpOptions {
  readonly directory: string
  /** `name` or `namespace/name`, where the folder holds several. */
  readonly connection?: string | undefined
  /** 0 takes a free one. */
  readonly port: number
  readonly issuerPort?: number | undefined
  readonly recording: string
  /** Folder of requests and decisions; beside the recording if left out. */
  readonly approvals?: string | undefined
  readonly logLevel: Level | 'silent'
  /** Told of files in the folder of approvals that count for nothing. */
  readonly onProblem?: (message: string) => void
}

export interface Up {
  readonly bundle: Bundle
  readonly gateway: RunningGateway
  readonly recording: string
  /** Folder of requests and decisions. */
  readonly approvals: string
  /** Undefined for a connection to a real Snowflake account. */
  readonly embedded: Embedded | undefined
  /** Reads the folder again. Errors: CliError, or RecordingUnavailable; then all stays as it was. */
  reload(): Promise<Reloaded>
  close(reason: string): Promise<void>
}

/** Errors: CliError with every problem of the folder, a taken port, or a recording that cannot be written. */
export async function startUp(options: UpOptions): Promise<Up> {
  const { directory, connection } = options
  const read = await readFolder(directory, connection, ', so nothing was started')
  const embedded =
    read.privateKey === null
      ? await startEmbedded(read.bundle, options.issuerPort).catch(explainPort)
      : undefined
  const point = embedded?.point ?? ((bundle: Bundle) => bundle)
  const bundle = point(read.bundle)
  let recorder: FileRecorder | undefined
  let people: UpApprovals | undefined
  try {
    recorder = await openRecording(options.recording)
    const log = frostgateLog(options.logLevel)
    let inForce = (): Bundle => bundle
    people = await openApprovals({
      folder: options.approvals ?? approvalsBeside(options.recording),
      configuration: directory,
      bundle: () => inForce(),
      log,
      onProblem: (message) => {
        if (options.onProblem === undefined) log.warn(message)
        else options.onProblem(message)
      },
    })
    const { account, user } = bundle.connection
    const privateKey = embedded?.privateKey ?? read.privateKey
    if (privateKey === null) throw new Error('A connection that is no example has a key.')
    const gateway = await startGateway({
      bundle,
      recorder,
      port: options.port,
      signer: keyPairSigner({ account, user, privateKey }),
      maskKeys: read.maskKeys,
      approvals: people.approvals,
      log,
    }).catch(explainPort)
    inForce = () => gateway.bundle
    const [opened, asked] = [recorder, people]
    let used: FolderRead = read
    return {
      bundle,
      gateway,
      recording: options.recording,
      approvals: asked.folder,
      embedded,
      reload: async () => {
        const now = await readFolder(directory, connection, ', so the earlier one stays')
        const reloaded = await applyFolder(gateway, now, used, point)
        used = now
        asked.trigger()
        return reloaded
      },
      close: async (reason) => {
        await gateway.close(reason)
        await asked.close()
        await opened.close()
        await embedded?.close()
      },
    }
  } catch (error) {
    await people?.close()
    await recorder?.close()
    await embedded?.close()
    throw error
  }
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
