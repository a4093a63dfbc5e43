/** Logs in as a connection would, with its own credential, and says which step of it fails. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import { compileName } from '../../operator/compile/names.ts'
import { accountOf, nameOf, type Account } from './account.ts'
import { credentialOf, type UsableCredential } from './credential.ts'
import { connectionsPath } from './egress.ts'
import {
  failed, ok, refusalOf, skipped, warning, type Check, type Doctor, type Finding,
} from './finding.ts' // prettier-ignore
import { loginFailure, type LoginFacts } from './login-failures.ts'
import { reach } from './reach.ts'
import { whoAmI } from './session.ts'

type Found = Omit<Finding, 'check'>

/** Snowflake takes a JWT that was issued up to a minute off. */
const skewSeconds = 30

export const loginCheck: Check = {
  name: 'login',
  run: async (doctor) => {
    if (doctor.login === undefined) return []
    if (doctor.login.length > 0) {
      return (await Promise.all(doctor.login.map((name) => byName(doctor, name)))).flat()
    }
    const all = (await doctor.api.list(connectionsPath)) as readonly SnowflakeConnection[]
    return (await Promise.all(all.map((each) => tryLogin(doctor, each)))).flat()
  },
}

async function byName(doctor: Doctor, wanted: string): Promise<readonly Found[]> {
  const [first = '', second] = wanted.split('/')
  const [namespace, name] = second === undefined ? [doctor.namespace, first] : [first, second]
  try {
    const path = `/apis/frostgate.dev/v1alpha1/namespaces/${namespace}/snowflakeconnections/${name}`
    const connection = await doctor.api.get(path)
    return await tryLogin(doctor, connection as unknown as SnowflakeConnection)
  } catch (error) {
    if (refusalOf(error)?.status !== 404) throw error
    return [
      failed(
        `there is no SnowflakeConnection ${namespace}/${name}`,
        'kubectl get snowflakeconnections --all-namespaces lists them.',
      ),
    ]
  }
}

async function tryLogin(
  doctor: Doctor,
  connection: SnowflakeConnection,
): Promise<readonly Found[]> {
  const name = nameOf(connection)
  const found = await accountOf(doctor.api, connection)
  if ('problem' in found) return [unread(name, found)]
  const { account } = found
  const credential = await credentialOf(doctor.api, connection, account)
  if ('problem' in credential) return [unread(name, credential)]
  const reached = await reach(doctor.network, account)
  if ('step' in reached) {
    const { expected, step, what, remedy } = reached
    return [(expected ? skipped : failed)(`${name}, ${step}: ${what}`, remedy)]
  }
  return [
    ...clock(name, reached.time, doctor.now()),
    await logIn(name, { connection, account, credential }),
  ]
}

/** The one step before which nothing was tried. */
function unread(
  name: string,
  { problem, forbidden }: { readonly problem: string; readonly forbidden: boolean },
): Found {
  return forbidden
    ? skipped(
        `${name}, credential: ${problem}`,
        'Run it as somebody who may; it is used for one login from here, and shown nowhere.',
      )
    : failed(
        `${name}, credential: ${problem}`,
        'Correct it; docs/upgrade.md has how to rotate one.',
      )
}

function clock(name: string, time: number | undefined, now: number): readonly Found[] {
  const seconds = Math.round((now - (time ?? now)) / 1000)
  return Math.abs(seconds) <= skewSeconds
    ? []
    : [
        warning(
          `${name}, clock: this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} Snowflake`,
          'Set it by NTP: a JWT that seems to come from another minute is refused.',
        ),
      ]
}

async function logIn(
  name: string,
  target: {
    readonly connection: SnowflakeConnection
    readonly account: Account
    readonly credential: UsableCredential
  },
): Promise<Found> {
  const { connection, account, credential } = target
  const { user } = connection.spec
  const facts: LoginFacts = {
    user,
    account: account.account,
    role: folded(connection.spec.role),
    warehouse: folded(connection.spec.warehouse),
    fingerprint: credential.fingerprint,
  }
  const answer = await whoAmI(account, credential.signer, { ...facts, connection: name })
  if ('refused' in answer) {
    const { step, remedy } = loginFailure(answer.refused, facts)
    return failed(`${name}, ${step}: ${answer.refused}`, remedy)
  }
  const { role, warehouse } = answer
  if (role !== facts.role) {
    return failed(
      `${name}, role: logged in as ${user}, but with role ${role ?? 'none'} in place of ${facts.role}`,
      `GRANT ROLE ${facts.role} TO USER ${user}.`,
    )
  }
  if (warehouse !== facts.warehouse) {
    return failed(
      `${name}, warehouse: logged in as ${user}, but with warehouse ${warehouse ?? 'none'} in place of ${facts.warehouse}`,
      `GRANT USAGE ON WAREHOUSE ${facts.warehouse} TO ROLE ${facts.role}.`,
    )
  }
  return ok(`${name} logs in from here as ${user}, role ${role}, warehouse ${warehouse}`)
}

/** As Snowflake keeps the name; admission has seen that it is one. */
const folded = (name: string): string => compileName(name, [], () => undefined)
