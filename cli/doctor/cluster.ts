/** Checks of the cluster itself: reachable, new enough, clocks, definitions. */

import { CliError } from '../output.ts'
import { definitionNames } from './names.ts'
import {
  at,
  failed,
  listAt,
  ok,
  refusalOf,
  skipped,
  textAt,
  warning,
  type Check,
} from './finding.ts'

/** Native sidecars are on by default in every kubelet that a 1.32 API server may have. */
const leastMinor = 32
/** A key-pair JWT lives for a minute or two, and Snowflake takes a minute of difference. */
const skewSeconds = 30

export const apiCheck: Check = {
  name: 'cluster',
  run: async ({ api }) => {
    let version: unknown
    try {
      version = await api.get('/version')
    } catch (error) {
      if (error instanceof CliError) throw error
      const why = error instanceof Error ? error.message : String(error)
      return [
        failed(
          `the API server cannot be asked: ${why}`,
          'Check the current context (kubectl config current-context) and that you can reach it.',
        ),
      ]
    }
    const name = textAt(version, 'gitVersion') ?? 'of unknown version'
    const minor = Number((textAt(version, 'minor') ?? '').replace(/\D.*$/, ''))
    return minor >= leastMinor
      ? [ok(`Kubernetes ${name}`)]
      : [
          failed(
            `Kubernetes ${name} is older than 1.${leastMinor}`,
            'Upgrade the cluster: the sidecar needs native sidecar containers on every node.',
          ),
        ]
  },
}

export const clockCheck: Check = {
  name: 'clock',
  run: async ({ api, now }) => {
    const server = await api.serverTime()
    if (server === undefined)
      return [skipped('the API server does not tell its time', 'Compare the clocks by hand.')]
    const seconds = Math.round((now() - server) / 1000)
    return Math.abs(seconds) <= skewSeconds
      ? [ok(`this machine and the API server agree to ${skewSeconds} s`)]
      : [
          warning(
            `this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the API server`,
            'Let both take the time by NTP: tokens that live for a minute fail otherwise.',
          ),
        ]
  },
}

export const definitionsCheck: Check = {
  name: 'definitions',
  run: async ({ api }) => {
    const states = await Promise.all(
      definitionNames.map(async (name) => {
        try {
          const definition = await api.get(
            `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
          )
          const established = listAt(definition, 'status', 'conditions').some(
            (each) => at(each, 'type') === 'Established' && at(each, 'status') === 'True',
          )
          return established ? undefined : `${name} is not established`
        } catch (error) {
          if (refusalOf(error)?.status === 404) return `${name} is not there`
          throw error
        }
      }),
    )
    const wrong = states.filter((each) => each !== undefined)
    return wrong.length === 0
      ? [ok(`${definitionNames.length} definitions established`)]
      : [
          failed(
            wrong.join('; '),
            'Install them: helm upgrade with crds.install=true, or kubectl apply -f crds/.',
          ),
        ]
  },
}
