import { NodeError } from '@concordat/protocol'
import type { Signer } from '../../identity/signers/signer.ts'

export interface Keyring extends Signer {
  has(address: string): Promise<boolean>
}

/** Several signers as one. */
export function createKeyring(signers: readonly Signer[]): Keyring {
  const owners = new Map<string, Signer>()
  const learn = async (): Promise<void> => {
    for (const signer of signers) {
      for (const address of await signer.addresses()) owners.set(address, signer)
    }
  }
  const find = async (address: string): Promise<Signer | undefined> => {
    if (!owners.has(address)) await learn()
    return owners.get(address)
  }
  return {
    addresses: async () => {
      await learn()
      return [...owners.keys()]
    },
    has: async (address) => (await find(address)) !== undefined,
    sign: async (address, transaction) => {
      const owner = await find(address)
      if (!owner) throw new NodeError('CC20107', { key: address })
      return owner.sign(address, transaction)
    },
  }
}
