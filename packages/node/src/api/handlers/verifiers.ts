import { type Identity, NodeError, type VerifierRef } from '@concordat/protocol'
import { getVerifierByID, getVerifiers, postVerifiersResolve } from '@concordat/protocol/routes'
import type { Namespace } from '../../namespace.ts'
import { getVerifier, listVerifiers, verifierFields } from '../../store/tables/verifiers.ts'
import { handle } from '../handler.ts'
import { getOne, hashOf, replyList } from './find.ts'

const MAX_IDS = 500

/** Identities with their keys. */
export async function withVerifiers(
  { database, name }: Namespace,
  identities: readonly Identity[],
): Promise<Identity[]> {
  const keys = new Map<string, VerifierRef[]>()
  for (let from = 0; from < identities.length; from += MAX_IDS) {
    const rows = await database.read
      .selectFrom('verifiers')
      .select(['identity', 'type', 'value'])
      .where('namespace', '=', name)
      .where(
        'identity',
        'in',
        identities.slice(from, from + MAX_IDS).map(({ id }) => id),
      )
      .orderBy('seq')
      .execute()
    for (const { identity, type, value } of rows)
      keys.set(identity, [...(keys.get(identity) ?? []), { type, value }])
  }
  return identities.map((identity) => ({ ...identity, verifiers: keys.get(identity.id) ?? [] }))
}

export const verifierHandlers = [
  handle(getVerifiers, (call, context) => replyList(call, context, verifierFields, listVerifiers)),
  handle(getVerifierByID, ({ namespace, params }) =>
    getOne(namespace, getVerifier, hashOf(params.hash)),
  ),
  handle(postVerifiersResolve, async ({ namespace, body: { type, value } }) => {
    if (!value) throw new NodeError('FF10131', { field: 'value' })
    return namespace.network.resolveVerifier({ value, ...(type && { type }) })
  }),
]
