/** Every client of `npm run test:drivers`, in the order of the table in docs/clients.md. */

import * as go from './clients/go.ts'
import * as jdbc from './clients/jdbc.ts'
import * as node from './clients/node.ts'
import { python4, python5 } from './clients/python.ts'
import { suite as approvals } from './approvals/suite.ts'
import type { Client } from './driver.ts'
import type { ScenarioSuite, ToolSuite } from './suite.ts'
import { suite as dbt } from './tools/dbt.ts'
import { suite as fakesnow } from './tools/fakesnow.ts'
import { suite as snowCli } from './tools/snow-cli.ts'
import { suite as snowpark } from './tools/snowpark.ts'
import { suite as sqlalchemy } from './tools/sqlalchemy.ts'

/** Run a plan. */
export const clients: Readonly<Record<string, Client>> = {
  node: node.available,
  python4,
  python5,
  jdbc: jdbc.available,
  go: go.available,
}

/** Run by themselves. */
export const tools: Readonly<Record<string, ToolSuite>> = {
  sqlalchemy,
  snowpark,
  'snow-cli': snowCli,
  dbt,
  fakesnow,
}

/** They have no column in the table. */
export const scenarios: Readonly<Record<string, ScenarioSuite>> = { approvals }
