import type { Identity } from '@concordat/protocol'
import {
  getIdentities,
  getIdentityByDID,
  getIdentityByID,
  getIdentityDID,
  getIdentityVerifiers,
  patchUpdateIdentity,
  postNewIdentity,
} from '@concordat/protocol/routes'
import type { Namespace } from '../../namespace.ts'
import {
  getIdentity,
  getIdentityByDid,
  identityFields,
  listIdentities,
} from '../../store/tables/identities.ts'
import { listVerifiers, verifierFields } from '../../store/tables/verifiers.ts'
import { type AnyCall, type ApiContext, handle, ListReply } from '../handler.ts'
import { hasFlag, type Query } from '../query.ts'
import { didDocument } from './did-document.ts'
import { getOne, listOf, replyList, uuidOf } from './find.ts'
import { withVerifiers } from './verifiers.ts'

/** An identity by id or DID. */
export const identityOf = (namespace: Namespace, idOrDid: string): Promise<Identity> =>
  idOrDid.startsWith('did:')
    ? getOne(namespace, getIdentityByDid, idOrDid)
    : getOne(namespace, getIdentity, uuidOf(idOrDid))

/** With its keys, if the query asks for them. */
export async function identityReply(
  namespace: Namespace,
  query: Query,
  idOrDid: string,
): Promise<Identity> {
  const identity = await identityOf(namespace, idOrDid)
  if (!hasFlag(query, 'fetchverifiers')) return identity
  const [whole] = await withVerifiers(namespace, [identity])
  return whole ?? identity
}

/** All identities, with their keys if the query asks for them. */
export async function identityList(call: AnyCall, context: ApiContext): Promise<ListReply> {
  const { items, total } = await listOf(call, context, identityFields, listIdentities)
  const whole = hasFlag(call.query, 'fetchverifiers')
  return new ListReply(whole ? await withVerifiers(call.namespace, items) : items, total)
}

export const identityHandlers = [
  handle(getIdentities, identityList),
  handle(postNewIdentity, ({ namespace, body, wait }) =>
    namespace.network.registerIdentity(body, wait),
  ),
  handle(getIdentityByID, ({ namespace, query, params }) =>
    identityReply(namespace, query, params.iid),
  ),
  handle(getIdentityByDID, ({ namespace, query, params }) =>
    identityReply(namespace, query, params.did),
  ),
  handle(patchUpdateIdentity, ({ namespace, params, body, wait }) =>
    namespace.network.updateIdentity(uuidOf(params.iid), body, wait),
  ),
  handle(getIdentityDID, async ({ namespace, params }) =>
    didDocument(namespace, await identityOf(namespace, params.iid)),
  ),
  handle(getIdentityVerifiers, async (call, context) => {
    const { id } = await identityOf(call.namespace, call.params.iid)
    return replyList(call, context, verifierFields, listVerifiers, (eb) => eb('identity', '=', id))
  }),
]
