/** helm with one kubeconfig: a thin typed wrapper. Failures are CommandErrors. */

import { join } from 'node:path'

import { required } from './binaries.ts'
import type { Finding } from './binaries/programs.ts'
import { run } from './command.ts'

export interface Release {
  readonly name: string
  readonly namespace: string
}

export interface HelmOptions {
  /** As of a values file; they win over the chart's own. */
  readonly values?: object
  /** Further flags, such as --wait or --create-namespace. */
  readonly flags?: readonly string[]
  /** 300 unless told. */
  readonly seconds?: number
}

export interface Helm {
  /** Any command; resolves to stdout. */
  readonly run: (
    args: readonly string[],
    options?: { input?: string; seconds?: number },
  ) => Promise<string>
  readonly install: (release: Release, chart: string, options?: HelmOptions) => Promise<string>
  readonly upgrade: (release: Release, chart: string, options?: HelmOptions) => Promise<string>
  readonly uninstall: (release: Release, ...flags: readonly string[]) => Promise<string>
  /** The rendered manifests, as YAML text. Needs no cluster. */
  readonly template: (release: Release, chart: string, options?: HelmOptions) => Promise<string>
  /** `helm test`; resolves to what it prints, test logs included. */
  readonly test: (release: Release) => Promise<string>
}

/**
 * Where helm is missing, each call fails with the reason and remedy.
 * @param home folder for helm's own cache and settings, so that the user's stay untouched.
 */
export function helmFor(finding: Finding, home: string, kubeconfig?: string): Helm {
  const env = {
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
  }
  const where = kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]
  const helm: Helm['run'] = async (args, options = {}) =>
    run(required(finding).path, [...args, ...where], { seconds: 300, ...options, env })
  const withChart =
    (command: string) =>
    ({ name, namespace }: Release, chart: string, options: HelmOptions = {}) => {
      const { values = {}, flags = [], seconds = 300 } = options
      const args = [command, name, chart, '--namespace', namespace, '--values', '-', ...flags]
      return helm(args, { input: JSON.stringify(values), seconds })
    }
  return {
    run: helm,
    install: withChart('install'),
    upgrade: withChart('upgrade'),
    template: withChart('template'),
    uninstall: ({ name, namespace }, ...flags) =>
      helm(['uninstall', name, '--namespace', namespace, '--wait', ...flags]),
    test: ({ name, namespace }) => helm(['test', name, '--namespace', namespace, '--logs']),
  }
}
