/**
 * What runs for an image on a node that cannot start containers: a command of this machine. Tests
 * and manifests name images only, so that they run unchanged on a cluster that pulls them.
 */

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { version } from '../../sidecar/version.ts'

export const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export const images = {
  // By the version that the chart and the examples name.
  operator: `ghcr.io/frostgate/operator:${version}`,
  sidecar: `ghcr.io/frostgate/sidecar:${version}`,
  warehouse: `ghcr.io/frostgate/example-warehouse:${version}`,
  runner: `ghcr.io/frostgate/example-runner:${version}`,
  /** A shell with the usual tools. */
  shell: 'docker.io/library/busybox:1.37',
  /** Node, to be given a script. */
  node: 'docker.io/library/node:24-slim',
} as const

export type ImageName = keyof typeof images

/** What the node runtime reads of an image. */
export interface Image {
  /** The entry point, as of an image: the pod's `command` replaces it, its `args` follow it. */
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly user?: number
  readonly group?: number
  /** Paths of this machine that it needs, as home folders and the like are hidden. */
  readonly paths?: readonly string[]
}

export type ImageTable = Readonly<Record<string, Image>>

/** Scripts by image: the sources themselves, so that what is tested is what is in the tree. */
const scripts: Readonly<Record<Exclude<ImageName, 'shell'>, readonly string[]>> = {
  operator: ['operator', 'main.ts'],
  sidecar: ['sidecar', 'main.ts'],
  warehouse: ['examples', 'warehouse', 'main.ts'],
  runner: ['examples', 'ci-runner', 'runner.mjs'],
  node: [],
}

/**
 * Image reference to command of this machine; `extra` adds references or replaces them.
 * @param node the Node that runs the scripts.
 */
export function imageTable(node: string, extra: ImageTable = {}): ImageTable {
  const paths = [repository, node]
  // As in the image that this stands for, `node` is the command's name.
  const env = {
    PATH: `${dirname(node)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  }
  const own = (Object.keys(scripts) as (keyof typeof scripts)[]).map((name) => {
    const script = scripts[name]
    const file = script.length === 0 ? [] : [join(repository, ...script)]
    return [images[name], { command: [node, ...file], env, paths }] as const
  })
  return { ...Object.fromEntries(own), [images.shell]: { command: ['/bin/sh'] }, ...extra }
}
