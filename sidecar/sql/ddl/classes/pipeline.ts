/** What watches, loads and runs by itself: streams, tasks, alerts, pipes. */

import type { ObjectClass } from '../classes.ts'
import { runnable } from '../bodies.ts'
import { commonPhrases } from '../properties.ts'
import { alertActions, alertCondition } from '../schedule/alert.ts'
import { taskActions, taskClauses, taskPhrases } from '../schedule/task.ts'

export const pipelineClasses: readonly ObjectClass[] = [
  {
    name: 'STREAM',
    sources: {
      'ON TABLE': 'TABLE',
      'ON VIEW': 'VIEW',
      'ON EXTERNAL TABLE': 'EXTERNAL TABLE',
      'ON DYNAMIC TABLE': 'DYNAMIC TABLE',
      'ON EVENT TABLE': 'EVENT TABLE',
      'ON ICEBERG TABLE': 'ICEBERG TABLE',
      'ON STAGE': 'STAGE',
      CLONE: 'STREAM',
    },
    needs: { parts: ['source'], expected: 'ON TABLE, ON VIEW, ON STAGE or CLONE' },
  },
  {
    name: 'TASK',
    phrases: taskPhrases,
    clauses: taskClauses,
    sources: { CLONE: 'TASK' },
    last: { AS: runnable },
    actions: taskActions,
    needs: { parts: ['body', 'statement', 'source'], expected: 'AS and a statement' },
  },
  {
    name: 'PIPE',
    last: { AS: runnable },
    actions: { REFRESH: 'options' },
    needs: { parts: ['statement'], expected: 'AS and COPY INTO' },
  },
  {
    name: 'ALERT',
    phrases: commonPhrases,
    sources: { CLONE: 'ALERT' },
    last: { IF: alertCondition },
    actions: alertActions,
    needs: { parts: ['body', 'statement', 'source'], expected: 'IF (EXISTS (…)) THEN' },
  },
]
