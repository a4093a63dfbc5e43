/** Tells the suites where the cluster is that run.ts started for them. */

import { readFile } from 'node:fs/promises'

import type { TestProject } from 'vitest/node'

import type { ClusterFacts } from './cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly cluster: ClusterFacts
  }
}

/** Names the file with the cluster's facts. */
export const factsVariable = 'FROSTGATE_CLUSTER_FACTS'

/** @throws Error where no cluster was started: suites without one would prove nothing. */
export default async function setup(project: TestProject): Promise<void> {
  const file = process.env[factsVariable]
  if (file === undefined) {
    throw new Error('No cluster: run these suites by `npm run test:cluster -- --only <file>`.')
  }
  project.provide('cluster', JSON.parse(await readFile(file, 'utf8')) as ClusterFacts)
}
