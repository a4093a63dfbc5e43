/** Whether operator, definitions and this command line are of one version. */

import { definitionNames, operatorDeployment } from './names.ts'
import { listAt, ok, refusalOf, skipped, textAt, warning, type Check } from './finding.ts'

const label = 'app.kubernetes.io/version'

export const versionsCheck: Check = {
  name: 'versions',
  run: async ({ api, namespace, release, version }) => {
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${operatorDeployment(release)}`
    const object = await api.get(deployment).catch((error: unknown) => {
      if (refusalOf(error)?.status === 404) return undefined
      throw error
    })
    // That it is not there is the finding of another check.
    if (object === undefined) {
      return [skipped('there is no operator to compare with', 'See the check "operator".')]
    }
    const operator = textAt(object, 'metadata', 'labels', label) ?? 'none'
    const image = textAt(listAt(object, 'spec', 'template', 'spec', 'containers')[0], 'image') ?? ''
    const definitions = await Promise.all(
      definitionNames.map((name) =>
        api
          .get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`)
          .then((definition) => textAt(definition, 'metadata', 'labels', label))
          .catch(() => undefined),
      ),
    )
    const others = [...new Set(definitions.filter((each) => each !== undefined))].filter(
      (each) => each !== operator,
    )
    const findings = [
      ...(others.length === 0
        ? []
        : [
            warning(
              `the definitions are of ${others.join(' and ')}, the operator of ${operator}`,
              'Upgrade the definitions first: helm upgrade with crds.install=true, or kubectl apply --server-side -f frostgate-crds.yaml.',
            ),
          ]),
      ...(operator === version
        ? []
        : [
            warning(
              `this command line is of ${version}, the operator of ${operator}`,
              'Use the same version of both; explain, test and inject answer as their own version does.',
            ),
          ]),
    ]
    return findings.length === 0 ? [ok(`all of ${version} (${image})`)] : findings
  },
}
