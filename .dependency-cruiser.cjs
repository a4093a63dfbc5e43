/** Import rules of the house: see docs/decisions/0006-import-rules.md. */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Types of one tree may name each other; code may not.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'sidecar-knows-no-operator',
      comment: 'The data plane must run, and be audited, without the control plane.',
      severity: 'error',
      from: { path: '^sidecar/' },
      to: { path: '^(operator|cli|examples|test)/' },
    },
    {
      name: 'operator-knows-no-cli',
      severity: 'error',
      from: { path: '^operator/' },
      to: { path: '^(cli|examples|test)/' },
    },
    {
      name: 'pure-rooms-do-no-io',
      comment:
        'sql/, policy/ and masking/ are the same functions in sidecar, CLI and webhook: no I/O.',
      severity: 'error',
      from: { path: '^sidecar/(sql|policy|masking)/' },
      to: {
        pathNot: [
          '^sidecar/(sql|policy|masking)/',
          '^sidecar/errors(\\.ts$|/)',
          '^sidecar/(catalog/types|catalog/names|control/bundle|identity/principal)\\.ts$',
          // Reads values that have no type yet.
          '^sidecar/json\\.ts$',
          // Key derivation is computation.
          '^(node:)?crypto$',
          // Reads and evaluates conditions; no I/O either.
          '^node_modules/@marcbachmann/cel-js/',
        ],
      },
    },
    {
      name: 'sql-stands-alone',
      severity: 'error',
      from: { path: '^sidecar/sql/' },
      to: { pathNot: ['^sidecar/sql/', '^sidecar/errors(\\.ts$|/)'] },
    },
    {
      name: 'shipped-code-uses-shipped-packages',
      severity: 'error',
      from: { path: '^(sidecar|operator|cli|crds)/', pathNot: '^crds/generate\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'client-node-in-one-room',
      comment: 'It weighs 69 MB and is for auth and TLS only; types may be named anywhere.',
      severity: 'error',
      from: { path: '^(sidecar|operator|cli)/', pathNot: '^operator/kube/' },
      to: { path: '^node_modules/@kubernetes/client-node/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
