import type { TemplateName } from '@concordat/protocol/process'
import { approval } from './approval.ts'
import { letterOfCredit } from './letter-of-credit.ts'
import { purchaseOrder } from './purchase-order.ts'
import { rfq } from './rfq.ts'

/** A story of each template, as YAML, in which everything goes as expected. */
export const scenarios: Readonly<Record<TemplateName, string>> = {
  approval,
  'letter-of-credit': letterOfCredit,
  'purchase-order': purchaseOrder,
  rfq,
}
