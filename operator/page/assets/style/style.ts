/** The page's only stylesheet. */

import { form } from './form.ts'
import { frame } from './frame.ts'
import { list } from './list.ts'
import { request } from './request.ts'
import { screens } from './screens.ts'

export const style = [frame, list, request, form, screens].join('\n')
