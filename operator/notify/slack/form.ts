/** The form in which somebody says why they deny. */

import type { View } from '@slack/web-api'

import { buttonValue, denial, type Seen } from './actions.ts'
import { keptInForm } from './payload.ts'
import { line } from './text.ts'

export function denialForm({ request, digest }: Seen, answerTo: string): View {
  const label = (text: string) => ({ type: 'plain_text', text, emoji: false }) as const
  return {
    type: 'modal',
    callback_id: denial.callback,
    private_metadata: keptInForm(buttonValue(request, digest), answerTo),
    title: label('Deny the statement'),
    submit: label('Deny'),
    close: label('Cancel'),
    blocks: [
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [{ type: 'text', text: `Request ${line(request.name, 200).text}` }],
          },
        ],
      },
      {
        type: 'input',
        block_id: denial.block,
        label: label('Why? The agent is told.'),
        element: {
          type: 'plain_text_input',
          action_id: denial.input,
          multiline: true,
          min_length: 1,
          max_length: 1024,
        },
      },
    ],
  }
}
