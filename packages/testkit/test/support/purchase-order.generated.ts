/** Purchase order with negotiation, version 1.0.0: definition f7220d35f44eb042ff8a9baac7cba09e1347684d0e2cfc386992b0b9582c5b24. */
export const purchaseOrderHash = 'f7220d35f44eb042ff8a9baac7cba09e1347684d0e2cfc386992b0b9582c5b24'

export type PurchaseOrderRole = 'buyer' | 'seller'
export type PurchaseOrderDeadline = 'offerExpires'

export interface PurchaseOrderState {
  readonly currency: string | null
  readonly deliveredQty: number | null
  readonly invoiceTotal: string | null
  readonly item: string | null
  readonly offeredBy: string | null
  readonly price: string | null
  readonly qty: number | null
  readonly round: number | null
}

export interface PurchaseOrderStages {
  readonly main: 'draft' | 'offered' | 'agreed' | 'delivered' | 'invoiced' | 'paid' | 'declined' | 'expired' | 'disputed'
}

/** By step: who may take it, with what input. */
export interface PurchaseOrderSteps {
  /** Accept offer */
  readonly accept: {
    readonly role: 'buyer' | 'seller'
    readonly input: {
      readonly round: number
    }
  }
  /** Counter-offer */
  readonly counter: {
    readonly role: 'buyer' | 'seller'
    readonly input: {
      readonly price: string
    }
  }
  /** Confirm delivery */
  readonly deliver: {
    readonly role: 'seller'
    readonly input: {
      readonly qty: number
    }
  }
  /** Dispute invoice */
  readonly dispute: {
    readonly role: 'buyer'
    readonly input: Readonly<Record<string, never>>
  }
  /** Send invoice */
  readonly invoice: {
    readonly role: 'seller'
    readonly input: {
      readonly net: string
      readonly total: string
      readonly vatRate: string
    }
  }
  /** Record payment */
  readonly pay: {
    readonly role: 'seller'
    readonly input: Readonly<Record<string, never>>
  }
  /** Propose terms */
  readonly propose: {
    readonly role: 'buyer'
    readonly input: {
      readonly currency: 'EUR' | 'USD' | 'GBP'
      readonly item: string
      readonly price: string
      readonly qty: number
    }
  }
  /** Withdraw dispute */
  readonly resolve: {
    readonly role: 'buyer'
    readonly input: Readonly<Record<string, never>>
  }
  /** Withdraw my offer */
  readonly withdraw: {
    readonly role: 'buyer' | 'seller'
    readonly input: Readonly<Record<string, never>>
  }
}

/** All of it. */
export interface PurchaseOrderProcess {
  readonly role: PurchaseOrderRole
  readonly stages: PurchaseOrderStages
  readonly state: PurchaseOrderState
  readonly steps: PurchaseOrderSteps
}
