import { describe, expect, test } from 'vitest'

import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

describe('Warehouses, services, projects, models and applications', () => {
  const cases: readonly (readonly [string, Summary])[] = [
    [
      "CREATE WAREHOUSE w WITH WAREHOUSE_SIZE = 'LARGE' RESOURCE_MONITOR = m AUTO_SUSPEND = NULL",
      { kind: 'CreateWarehouse', class: 'DDL', writes: ['CREATE W'], uses: ['RESOURCE MONITOR M'] },
    ],
    [
      'ALTER WAREHOUSE RESUME IF SUSPENDED',
      { kind: 'AlterWarehouse', class: 'DDL', dynamic: ['the current warehouse'] },
    ],
    [
      'ALTER WAREHOUSE suspend SUSPEND',
      { kind: 'AlterWarehouse', class: 'DDL', writes: ['ALTER SUSPEND'] },
    ],
    [
      'CREATE INTERACTIVE WAREHOUSE w TABLES (a, d.s.b)',
      {
        kind: 'CreateInteractiveWarehouse',
        class: 'DDL',
        writes: ['CREATE W'],
        uses: ['TABLE A', 'TABLE D.S.B'],
      },
    ],
    [
      'CREATE COMPUTE POOL p FOR APPLICATION app MIN_NODES = 1 MAX_NODES = 2',
      { kind: 'CreateComputePool', class: 'DDL', writes: ['CREATE P'], uses: ['APPLICATION APP'] },
    ],
    [
      "CREATE SERVICE s IN COMPUTE POOL p FROM @st/dir SPECIFICATION_TEMPLATE_FILE = 'a.yaml' USING (tag => 'v1', n => 2) QUERY_WAREHOUSE = w",
      {
        kind: 'CreateService',
        class: 'DDL',
        writes: ['CREATE S'],
        uses: ['COMPUTE POOL P', 'WAREHOUSE W'],
        stages: ['Read @st/dir'],
        effects: ['schedules'],
      },
    ],
    [
      'ALTER SERVICE s FROM SPECIFICATION $$ spec: {} $$',
      { kind: 'AlterService', class: 'DDL', writes: ['ALTER S'], effects: ['schedules'] },
    ],
    [
      'ALTER SERVICE s RESTORE VOLUME "data" INSTANCES 0, 1 FROM SNAPSHOT n',
      {
        kind: 'AlterService',
        class: 'DDL',
        writes: ['ALTER S'],
        uses: ['SNAPSHOT N'],
        effects: ['schedules'],
      },
    ],
    [
      "CREATE STREAMLIT s FROM '@d.s.st/app' MAIN_FILE = 'a.py' QUERY_WAREHOUSE = w",
      {
        kind: 'CreateStreamlit',
        class: 'DDL',
        writes: ['CREATE S'],
        uses: ['WAREHOUSE W'],
        stages: ['Read @d.s.st/app'],
      },
    ],
    [
      "ALTER STREAMLIT s PUSH TO '@repo/branches/main' GIT_CREDENTIALS = k NAME = 'n' EMAIL = 'e'",
      {
        kind: 'AlterStreamlit',
        class: 'DDL',
        writes: ['ALTER S'],
        uses: ['SECRET K'],
        stages: ['Read @repo/branches/main'],
      },
    ],
    [
      'ALTER NOTEBOOK n ADD LIVE VERSION FROM LAST',
      { kind: 'AlterNotebook', class: 'DDL', writes: ['ALTER N'] },
    ],
    [
      "CREATE DBT PROJECT p FROM 'https://git.example.com/x.git' DBT_VERSION = 1.8",
      {
        kind: 'CreateDbtProject',
        class: 'DDL',
        writes: ['CREATE P'],
        urls: ['https://git.example.com/x.git'],
      },
    ],
    [
      'ALTER DBT PROJECT p ADD VERSION v2 FROM @st/x',
      { kind: 'AlterDbtProject', class: 'DDL', writes: ['ALTER P'], stages: ['Read @st/x'] },
    ],
    [
      "CREATE GIT REPOSITORY g API_INTEGRATION = i GIT_CREDENTIALS = k ORIGIN = 'https://git.example.com/x.git'",
      {
        kind: 'CreateGitRepository',
        class: 'DDL',
        writes: ['CREATE G'],
        uses: ['INTEGRATION I', 'SECRET K'],
        urls: ['https://git.example.com/x.git'],
      },
    ],
    [
      'ALTER GIT REPOSITORY g FETCH',
      { kind: 'AlterGitRepository', class: 'DDL', writes: ['ALTER G'] },
    ],
    [
      "CREATE CORTEX SEARCH SERVICE s ON body ATTRIBUTES a, b WAREHOUSE = w TARGET_LAG = '1 hour' AS SELECT body, a, b FROM d.s.t",
      {
        kind: 'CreateCortexSearchService',
        class: 'DDL',
        reads: ['D.S.T'],
        writes: ['CREATE S'],
        uses: ['WAREHOUSE W'],
        effects: ['persists', 'schedules'],
      },
    ],
    [
      "ALTER CORTEX SEARCH SERVICE s ADD SCORING PROFILE IF NOT EXISTS p '{}'",
      {
        kind: 'AlterCortexSearchService',
        class: 'DDL',
        writes: ['ALTER S'],
        effects: ['schedules'],
      },
    ],
    [
      'CREATE MODEL m WITH VERSION v1 FROM MODEL n VERSION v2',
      { kind: 'CreateModel', class: 'DDL', writes: ['CREATE M'], uses: ['MODEL N'] },
    ],
    [
      'ALTER MODEL m ADD VERSION v FROM @st/m',
      { kind: 'AlterModel', class: 'DDL', writes: ['ALTER M'], stages: ['Read @st/m'] },
    ],
    [
      "ALTER MODEL m MODIFY VERSION v SET COMMENT = 'x'",
      { kind: 'AlterModel', class: 'DDL', writes: ['ALTER M'] },
    ],
    [
      "ALTER DATASET d ADD VERSION 'v1' FROM (SELECT a FROM t) PARTITION BY a",
      {
        kind: 'AlterDataset',
        class: 'DDL',
        reads: ['T'],
        writes: ['ALTER D'],
        effects: ['persists'],
      },
    ],
    [
      "CREATE AGENT a COMMENT = 'x' FROM SPECIFICATION $$ x $$",
      { kind: 'CreateAgent', class: 'DDL', writes: ['CREATE A'] },
    ],
    [
      'CREATE APPLICATION a FROM APPLICATION PACKAGE p USING VERSION v PATCH 2 DEBUG_MODE = TRUE',
      {
        kind: 'CreateApplication',
        class: 'DDL',
        writes: ['CREATE A'],
        uses: ['APPLICATION PACKAGE P'],
      },
    ],
    [
      "ALTER APPLICATION a UPGRADE USING '@d.s.st/app'",
      { kind: 'AlterApplication', class: 'DDL', writes: ['ALTER A'], stages: ['Read @d.s.st/app'] },
    ],
    [
      'ALTER APPLICATION PACKAGE p ADD PATCH 3 FOR VERSION v USING @st/app',
      {
        kind: 'AlterApplicationPackage',
        class: 'DDL',
        writes: ['ALTER P'],
        stages: ['Read @st/app'],
      },
    ],
    [
      'ALTER APPLICATION PACKAGE p SET RELEASE DIRECTIVE d ACCOUNTS = (org.a) VERSION = v PATCH = 1',
      {
        kind: 'AlterApplicationPackage',
        class: 'DDL',
        writes: ['ALTER P'],
        uses: ['ACCOUNT ORG.A'],
      },
    ],
    [
      'ALTER APPLICATION PACKAGE p MODIFY RELEASE CHANNEL qa ADD VERSION v',
      { kind: 'AlterApplicationPackage', class: 'DDL', writes: ['ALTER P'] },
    ],
    [
      "CREATE EXTERNAL LISTING 'l' SHARE s AS $$ title: x $$ PUBLISH = FALSE",
      { kind: 'CreateExternalListing', class: 'DDL', writes: ['CREATE l'], uses: ['SHARE S'] },
    ],
    ['ALTER LISTING l UNPUBLISH', { kind: 'AlterListing', class: 'DDL', writes: ['ALTER L'] }],
    [
      "CREATE POSTGRES INSTANCE p FORK q AT (OFFSET => -60) COMPUTE_FAMILY = 'S'",
      {
        kind: 'CreatePostgresInstance',
        class: 'DDL',
        writes: ['CREATE P'],
        uses: ['POSTGRES INSTANCE Q'],
        effects: ['persists'],
      },
    ],
    [
      'ALTER EXPERIMENT e ADD RUN r',
      { kind: 'AlterExperiment', class: 'DDL', writes: ['ALTER E'] },
    ],
  ]
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))

  syntaxErrors([
    ...[
      'CREATE WAREHOUSE w WITH',
      'CREATE WAREHOUSE w LARGE',
      'ALTER WAREHOUSE w RESUME IF',
      'ALTER WAREHOUSE w',
    ],
    ...['ALTER WAREHOUSE w SUSPEND RESUME', 'CREATE COMPUTE POOL p IN COMPUTE POOL q'],
    ...[
      'CREATE SERVICE s IN COMPUTE POOL',
      'CREATE SERVICE s FROM x',
      'CREATE SERVICE s FROM (SELECT 1)',
    ],
    ...[
      'CREATE SERVICE s USING (a = 1)',
      'CREATE SERVICE s FROM SPECIFICATION x',
      'ALTER SERVICE s FROM',
    ],
    ...['CREATE STREAMLIT s FROM x', "ALTER STREAMLIT s COMMIT 'x'", 'ALTER NOTEBOOK n ADD LIVE'],
    ...['ALTER GIT REPOSITORY g FETCH x', 'CREATE CORTEX SEARCH SERVICE s ON a WAREHOUSE = w'],
    ...['CREATE CORTEX SEARCH SERVICE s AS SELECT 1 WAREHOUSE = w', 'ALTER MODEL m ADD VERSION v'],
    ...[
      'ALTER MODEL m ADD VERSION v FROM n',
      'ALTER DATASET d ADD VERSION v FROM t',
      'ALTER AGENT a MODIFY',
      'ALTER CORTEX SEARCH SERVICE s ADD SCORING PROFILE p x',
      'CREATE POSTGRES INSTANCE p FORK',
    ],
    ...['CREATE APPLICATION a FROM p', 'CREATE APPLICATION a FROM APPLICATION PACKAGE p USING'],
    ...[
      'ALTER APPLICATION a UPGRADE x',
      'ALTER APPLICATION PACKAGE p ADD PATCH',
      'ALTER LISTING l AS x',
    ],
    ...['ALTER APPLICATION PACKAGE p MODIFY RELEASE CHANNEL c', 'CREATE EXTERNAL LISTING l AS x'],
  ])
})
