import { auction } from './auction.testing.ts'
import { budget } from './budget.testing.ts'
import { letterOfCredit } from './letter-of-credit.testing.ts'
import { purchaseOrder } from './purchase-order.testing.ts'
import { makeScene } from './scene.testing.ts'

export const purchaseOrderScene = makeScene(purchaseOrder, { buyer: 'buyer', seller: 'seller' })
export const letterOfCreditScene = makeScene(letterOfCredit, {
  applicant: 'app',
  issuer: 'iss',
  advising: 'adv',
  beneficiary: 'ben',
  carrier: 'car',
})
export const auctionScene = makeScene(auction, { arranger: 'arr', bank: 'b1 b2 b3' })
export const budgetScene = makeScene(budget, { owner: 'own', approver: 'p1 p2 own' })
