/** A folder of YAML for tests: small, valid, and changed by each case in one place. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CompileOptions } from '../../../operator/compile/compile.ts'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import type { Bundle } from '../../../sidecar/control/bundle.ts'

export const valid: Readonly<Record<string, string>> = {
  'connection.yaml': `apiVersion: frostgate.dev/v1alpha1
kind: SnowflakeConnection
metadata:
  name: acme
spec:
  account: acme-prod
  user: FROSTGATE
  role: READER
  warehouse: WH
  credential:
    keyPair: { secretRef: { name: acme-key } }
  identityProviders:
    - name: okta
      oidc:
        issuer: https://acme.okta.example
        audiences: [frostgate]
`,
  'policy.yaml': `apiVersion: frostgate.dev/v1alpha1
kind: AgentPolicy
metadata:
  name: agents
spec:
  connectionRef: { name: acme }
  subjects:
    - provider: okta
      groups: [ai]
  rules:
    - name: read
      action: Allow
      statements: [Query]
      objects: [A.B.*]
    - name: never
      action: Deny
      statements: [Drop]
`,
  'masking.yaml': `apiVersion: frostgate.dev/v1alpha1
kind: MaskingRule
metadata:
  name: ssn
spec:
  connectionRef: { name: acme }
  columns: [A.B.C.SSN]
  mask:
    partial:
      keepLast: 4
`,
}

/** Runs `use` with a folder that holds `files`, and removes it. */
export async function withFolder<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'frostgate-config-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(directory, name), content)
    }
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** `valid` with one text of one file replaced; throws if the text is not there. */
export function changed(file: string, from: string, to: string): Readonly<Record<string, string>> {
  const text = valid[file]
  if (text?.includes(from) !== true) throw new Error(`${file} has no ${from}`)
  return { ...valid, [file]: text.replace(from, () => to) }
}

/** What a folder of these files compiles to. Throws with its problems, if it has any. */
export async function bundleOf(
  files: Readonly<Record<string, string>>,
  options?: CompileOptions,
): Promise<Bundle> {
  const result = await withFolder(files, (directory) => compileDirectory(directory, options))
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.bundle
}

/** What is said about a folder of these files; file names without the folder. */
export async function problemsOf(
  files: Readonly<Record<string, string>>,
  options?: CompileOptions,
): Promise<readonly string[]> {
  return withFolder(files, async (directory) => {
    const result = await compileDirectory(directory, options)
    const problems = 'problems' in result ? result.problems : []
    return problems.map(formatProblem).map((line) => line.replaceAll(`${directory}/`, ''))
  })
}
