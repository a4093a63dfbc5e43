/** etcd, API server, controller manager and scheduler as processes of this machine. */

import { join } from 'node:path'

import type { Paths } from './binaries.ts'
import type { ProgramName } from './binaries/programs.ts'
import {
  apiServerFlags,
  argumentsOf,
  controllerManagerFlags,
  etcdFlags,
  etcdUrl,
  files,
  nodeIp,
  schedulerFlags,
  type Flags,
  type Layout,
} from './control-plane/flags.ts'
import { writeFiles, writeKubeletClient } from './control-plane/files.ts'
import { healthy } from './control-plane/health.ts'
import { startDaemon, type Daemon } from './daemon.ts'
import { freePorts } from './ports.ts'

export interface ControlPlaneOptions {
  readonly folder: string
  readonly programs: Paths<ProgramName>
  /** With controller manager and scheduler, or the API server and its store alone. */
  readonly controllers: boolean
  /** Whether a node will be added: then the API server listens where pods reach it. */
  readonly node: boolean
}

export interface ControlPlane {
  readonly kubeconfig: string
  readonly server: string
  readonly daemons: () => readonly Daemon[]
  /** Ends the API server; its data stays. Does nothing where it is stopped. */
  readonly stopApiServer: () => Promise<void>
  /** Starts it again on the same port with the same data; resolves when it is ready. */
  readonly startApiServer: () => Promise<void>
  readonly close: () => Promise<void>
}

interface Program {
  readonly flags: Flags
  readonly probe: () => Promise<boolean>
}

/** @throws Error with the end of the log of the program that did not start. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder, programs, controllers, node } = options
  const layout = await newLayout(folder, node)
  const { ports, address } = layout
  const kubeconfig = await writeFiles(layout)
  if (node) await writeKubeletClient(folder)
  const server = `https://${address}:${ports.apiServer}`
  const authority = join(folder, files.apiServerCertificate)
  const daemons = new Map<ProgramName, Daemon>()
  const certificate = (name: string): string => join(folder, files.certificates, `${name}.crt`)
  const clients = {
    'kube-controller-manager': {
      flags: controllerManagerFlags(layout),
      probe: () =>
        healthy(
          `https://127.0.0.1:${ports.controllerManager}/healthz`,
          certificate('kube-controller-manager'),
        ),
    },
    'kube-scheduler': {
      flags: schedulerFlags(layout),
      probe: () =>
        healthy(`https://127.0.0.1:${ports.scheduler}/healthz`, certificate('kube-scheduler')),
    },
  } as const

  const start = async (name: ProgramName, { flags, probe }: Program): Promise<void> => {
    const daemon = await startDaemon({
      name,
      program: programs[name],
      args: argumentsOf(flags),
      logFolder: join(folder, files.logs),
      // It would wait up to a minute for those who watch; they must bear a sudden end anyway.
      ...(name === 'kube-apiserver' ? { graceSeconds: 2 } : {}),
    })
    daemons.set(name, daemon)
    await daemon.ready(`${name} to be ready`, probe)
  }
  const stop = async (name: ProgramName): Promise<void> => {
    await daemons.get(name)?.stop()
    daemons.delete(name)
  }
  const startControllers = async (): Promise<void> => {
    const missing = (Object.entries(clients) as [ProgramName, Program][]).filter(
      ([name]) => daemons.get(name)?.ended() !== undefined || !daemons.has(name),
    )
    await Promise.all(missing.map(([name, program]) => start(name, program)))
  }
  const startApiServer = async (): Promise<void> => {
    if (daemons.has('kube-apiserver')) return
    await start('kube-apiserver', {
      flags: apiServerFlags(layout, node),
      probe: () => healthy(`${server}/readyz`, authority),
    })
    // One that lost the API server while it started has given up; elsewhere a kubelet restarts it.
    if (controllers) await startControllers()
  }
  const close = async (): Promise<void> => {
    // Those who write first, the store last.
    await Promise.all([stop('kube-controller-manager'), stop('kube-scheduler')])
    await stop('kube-apiserver')
    await stop('etcd')
  }

  try {
    await start('etcd', {
      flags: etcdFlags(layout),
      probe: () => healthy(`${etcdUrl(ports)}/readyz`),
    })
    await startApiServer()
  } catch (error) {
    await close()
    throw error
  }
  return {
    kubeconfig,
    server,
    daemons: () => [...daemons.values()],
    stopApiServer: () => stop('kube-apiserver'),
    startApiServer,
    close,
  }
}

async function newLayout(folder: string, node: boolean): Promise<Layout> {
  const [etcd = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0, scheduler = 0] =
    await freePorts(5)
  const ports = { etcd, etcdPeer, apiServer, controllerManager, scheduler }
  return { folder, ports, address: node ? nodeIp : '127.0.0.1' }
}
