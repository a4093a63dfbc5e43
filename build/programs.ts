/** What is built into images: entry point, and what lies beside it at run time. */

export interface Program {
  /** From the root of the repository. */
  readonly entry: string
  /** Files that the program reads from its own folder. */
  readonly beside: readonly string[]
  /** Packages that are not bundled, as they have native parts. */
  readonly external: readonly string[]
  /** Whether the image gets them. Without them the CLI has no embedded example, and says so. */
  readonly installs: boolean
}

const definitions = [
  'crds/agentpolicy.yaml',
  'crds/approvaldecision.yaml',
  'crds/approvalrequest.yaml',
  'crds/maskingrule.yaml',
  'crds/snowflakeconnection.yaml',
]

/** DuckDB is native, and the translator of SQL is WebAssembly that it finds beside itself. */
const warehousePackages = ['@duckdb/node-api', '@polyglot-sql/sdk']

export const programs = {
  operator: { entry: 'operator/main.ts', beside: definitions, external: [], installs: false },
  sidecar: { entry: 'sidecar/main.ts', beside: [], external: [], installs: false },
  cli: { entry: 'cli/main.ts', beside: definitions, external: warehousePackages, installs: false },
  'example-warehouse': {
    entry: 'examples/warehouse/main.ts',
    beside: [],
    external: warehousePackages,
    installs: true,
  },
  'example-issuer': { entry: 'examples/oidc/main.ts', beside: [], external: [], installs: false },
  'example-runner': {
    entry: 'examples/ci-runner/runner.mjs',
    beside: [],
    external: [],
    installs: false,
  },
} as const satisfies Readonly<Record<string, Program>>

export type ProgramName = keyof typeof programs

export const programNames = Object.keys(programs) as readonly ProgramName[]
