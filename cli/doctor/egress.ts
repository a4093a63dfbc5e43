/** Whether the accounts answer this machine. Whether they answer pods only pods can tell. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import { accountOf, isOfThePod, nameOf } from './account.ts'
import { ok, skipped, warning, type Check, type Doctor, type Finding } from './finding.ts'
import { reach } from './reach.ts'

export const connectionsPath = '/apis/frostgate.dev/v1alpha1/snowflakeconnections'

export const egressCheck: Check = {
  name: 'egress',
  run: async (doctor) => {
    const connections = (await doctor.api.list(connectionsPath)) as readonly SnowflakeConnection[]
    return Promise.all(connections.map((each) => judge(doctor, each)))
  },
}

async function judge(
  { api, network }: Doctor,
  connection: SnowflakeConnection,
): Promise<Omit<Finding, 'check'>> {
  const found = await accountOf(api, connection)
  const name = nameOf(connection)
  if ('problem' in found) {
    return skipped(
      `where ${name} leads cannot be tried from here: ${found.problem}`,
      found.forbidden
        ? 'Run it as somebody who may read that Secret; only its certificates are used.'
        : 'The connection’s own status says what to correct.',
    )
  }
  const { account } = found
  if (isOfThePod(account)) {
    return skipped(
      `${name} leads to ${account.host}, which in a pod is the pod itself`,
      'Give it an address that sidecars can reach, unless it is for trying.',
    )
  }
  const reached = await reach(network, account)
  if (!('step' in reached)) return ok(`${account.host} answers this machine over TLS (not the pods’ way out)`) // prettier-ignore
  const { expected, step, what, remedy } = reached
  return (expected ? skipped : warning)(
    `${step}, from this machine, not from pods: ${what}`,
    remedy,
  )
}
