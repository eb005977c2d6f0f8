import type { Hex, TransactionSerializableEIP1559, TransactionSerializableLegacy } from 'viem'

/** What is signed: a call with every field decided. */
export type SignableTransaction = (
  | TransactionSerializableLegacy
  | TransactionSerializableEIP1559
) & {
  readonly chainId: number
  readonly nonce: number
  readonly gas: bigint
  readonly data: Hex
}

/** Holds keys, or knows who does. Addresses are lower case. */
export interface Signer {
  addresses(): Promise<readonly string[]>
  /** The signed transaction, ready to be sent. Throws a `NodeError` if the key is not held here. */
  sign(address: string, transaction: SignableTransaction): Promise<Hex>
}
