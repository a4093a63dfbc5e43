/** Runs a compose file's services as processes: their own commands, with paths and ports replaced. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { imageTable } from '../../cluster/images.ts'
import { version } from '../../../sidecar/version.ts'
import { composeFolder, volumesOf, type ComposeFile, type Service } from './file.ts'

const repository = join(composeFolder, '../..')

/** Scripts that are in images which no cluster uses. */
const further = {
  [`ghcr.io/frostgate/cli:${version}`]: { command: [join(repository, 'cli/main.ts')] },
  [`ghcr.io/frostgate/example-issuer:${version}`]: {
    command: [join(repository, 'examples/oidc/main.ts')],
  },
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class ComposeProcesses {
  readonly #file: ComposeFile
  readonly #folder: string
  readonly #ports: ReadonlyMap<string, string>
  readonly #running: ChildProcess[] = []
  readonly #started = new Map<string, Promise<Ended>>()

  private constructor(file: ComposeFile, folder: string, ports: ReadonlyMap<string, string>) {
    this.#file = file
    this.#folder = folder
    this.#ports = ports
  }

  /** `ports`: those of the file, each of which gets a free one in its place. */
  static async create(
    file: ComposeFile,
    folder: string,
    ports: readonly string[],
  ): Promise<ComposeProcesses> {
    const free = await Promise.all(ports.map(async (port) => [port, await freePort()] as const))
    return new ComposeProcesses(file, folder, new Map(free))
  }

  /** Starts a service after what it depends on, and resolves when it has ended. */
  async run(name: string, command?: readonly string[]): Promise<Ended> {
    const service = this.#service(name)
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const ended = this.#started.get(other) ?? this.run(other)
      this.#started.set(other, ended)
      if (condition === 'service_healthy') await this.#healthy(other)
      else if ((await ended).code !== 0) throw new Error(`${other}: ${(await ended).stderr}`)
    }
    return this.#start(service, [
      ...(service.entrypoint ?? commandOf(service.image)),
      ...(command ?? service.command),
    ])
  }

  /** The path on this machine of one in a service. */
  path(name: string, path: string): string {
    return this.#translate(this.#service(name), path)
  }

  async stop(): Promise<void> {
    for (const child of this.#running) child.kill('SIGTERM')
    await Promise.all(this.#started.values())
  }

  #service(name: string): Service {
    const service = this.#file.services[name]
    if (service === undefined) throw new Error(`There is no service ${name}.`)
    return service
  }

  async #healthy(name: string): Promise<void> {
    const service = this.#service(name)
    const [, ...test] = service.healthcheck?.test ?? []
    for (let left = 60; left > 0; left -= 1) {
      const { code } = await this.#start(service, test)
      if (code === 0) return
      await sleep(100)
    }
    throw new Error(`${name} did not become healthy.`)
  }

  async #start(service: Service, words: readonly string[]): Promise<Ended> {
    const [program = '', ...args] = words.map((word) => this.#translate(service, word))
    this.#mount(service)
    const environment = Object.entries(service.environment ?? {}).map(
      ([name, value]) => [name, this.#translate(service, value)] as const,
    )
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      env: { PATH: process.env['PATH'] ?? '', ...Object.fromEntries(environment) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running.push(child)
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }

  /** A file that is mounted into a volume is put there. */
  #mount(service: Service): void {
    for (const { source, target } of volumesOf(service)) {
      const place = this.#place(service, target)
      if (!source.startsWith('./')) mkdirSync(place, { recursive: true })
      else if (place.startsWith(join(this.#folder, 'volumes')))
        writeFileSync(place, this.#withPorts(readFileSync(join(composeFolder, source), 'utf8')))
      else cpSync(join(composeFolder, source), place, { recursive: true })
    }
  }

  /** Where on this machine a path of a mount is. */
  #place(service: Service, path: string): string {
    const mounts = volumesOf(service)
    const volume = mounts.find(
      ({ source, target }) => !source.startsWith('./') && path.startsWith(target),
    )
    if (volume === undefined) return join(this.#folder, path.replaceAll('/', '_'))
    return join(this.#folder, 'volumes', volume.source, path.slice(volume.target.length))
  }

  #translate(service: Service, word: string): string {
    const targets = volumesOf(service).map(({ target }) => target)
    const paths = targets.sort((a, b) => b.length - a.length)
    const found = paths.find((target) => word.includes(target))
    const there = found === undefined ? word : word.replaceAll(found, this.#place(service, found))
    return this.#withPorts(there)
  }

  #withPorts(text: string): string {
    return text.replaceAll(/\b\d{4}\b/g, (port) => this.#ports.get(port) ?? port)
  }
}

function commandOf(image: string): readonly string[] {
  const own = (further as Readonly<Record<string, { command: readonly string[] }>>)[image]
  if (own !== undefined) return ['node', ...own.command]
  const known = imageTable(process.execPath)[image]
  if (known === undefined) throw new Error(`Nothing is known of image ${image}.`)
  return known.command
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}
