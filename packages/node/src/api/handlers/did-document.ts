import type { DidDocument, Identity } from '@concordat/protocol'
import type { Namespace } from '../../namespace.ts'
import type { VerifierRow } from '../../store/schema.ts'

type Method = DidDocument['verificationMethod'][number]

/** An identity's DID document: its keys as verification methods. */
export async function didDocument(
  { database, name }: Namespace,
  { id, did }: Identity,
): Promise<DidDocument> {
  const verifiers = await database.read
    .selectFrom('verifiers')
    .selectAll()
    .where('namespace', '=', name)
    .where('identity', '=', id)
    .orderBy('seq')
    .execute()
  const methods = verifiers.flatMap((verifier) => methodOf(verifier, did) ?? [])
  return {
    '@context': [
      'https://www.w3.org/ns/did/v1',
      'https://w3id.org/security/suites/ed25519-2020/v1',
    ],
    id: did,
    authentication: methods.map((method) => `#${method.id}`),
    verificationMethod: methods,
  }
}

function methodOf({ type, value, hash }: VerifierRow, did: string): Method | undefined {
  const method = { id: hash, controller: did }
  switch (type) {
    case 'ethereum_address':
      return { ...method, type: 'EcdsaSecp256k1VerificationKey2019', blockchainAcountId: value }
    case 'tezos_address':
      return { ...method, type: 'Ed25519VerificationKey2020', blockchainAcountId: value }
    case 'cardano_address':
      return { ...method, type: 'PaymentVerificationKeyShelley_ed25519', blockchainAcountId: value }
    case 'fabric_msp_id':
      return { ...method, type: 'HyperledgerFabricMSPIdentity', mspIdentityString: value }
    case 'dx_peer_id':
      return { ...method, type: 'FireFlyDataExchangePeerIdentity', dataExchangePeerID: value }
    default:
      return undefined
  }
}
