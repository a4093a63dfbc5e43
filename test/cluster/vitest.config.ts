import { defineConfig } from 'vitest/config'

import Order from './order.ts'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/cluster/suites/**/*.test.ts'],
    globalSetup: ['test/cluster/global-setup.ts'],
    // One cluster for all: suites that stop its API server must not run beside others.
    fileParallelism: false,
    maxWorkers: 1,
    sequence: { sequencer: Order },
    // A machine that stands still for seconds fails what waits for seconds; vitest prints each retry.
    retry: 1,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    passWithNoTests: true,
  },
})
