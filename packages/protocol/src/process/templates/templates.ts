import { approval } from './approval.ts'
import { letterOfCredit } from './letter-of-credit.ts'
import { purchaseOrder } from './purchase-order.ts'
import { rfq } from './rfq.ts'

/** Definitions to begin with, as YAML, by name. Each loads without faults. */
export const templates: Readonly<Record<TemplateName, string>> = {
  approval,
  'letter-of-credit': letterOfCredit,
  'purchase-order': purchaseOrder,
  rfq,
}

export type TemplateName = 'approval' | 'letter-of-credit' | 'purchase-order' | 'rfq'
