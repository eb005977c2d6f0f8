import { type Identity, NodeError, parseUuid } from '@concordat/protocol'
import {
  getNetworkDIDDocByDID,
  getNetworkIdentities,
  getNetworkIdentityByDID,
  getNetworkNode,
  getNetworkNodes,
  getNetworkOrg,
  getNetworkOrgs,
  postNetworkAction,
  postNewOrganization,
  postNewOrganizationSelf,
  postNodesSelf,
} from '@concordat/protocol/routes'
import type { Namespace } from '../../namespace.ts'
import {
  getIdentity,
  getIdentityByDid,
  identityFields,
  listIdentities,
} from '../../store/tables/identities.ts'
import { handle } from '../handler.ts'
import { didDocument } from './did-document.ts'
import { found, getOne, replyList } from './find.ts'
import { identityList, identityReply } from './identities.ts'

/** An organisation or node by id, DID or name. */
async function findOfType(
  { database, name }: Namespace,
  type: 'org' | 'node',
  text: string,
): Promise<Identity> {
  const id = parseUuid(text)
  const did = text.startsWith('did:') ? text : `did:firefly:${type}/${text}`
  const identity = id
    ? await getIdentity(database.read, name, id)
    : await getIdentityByDid(database.read, name, did)
  return found(identity?.type === type ? identity : undefined, text)
}

export const networkHandlers = [
  handle(getNetworkIdentities, identityList),
  handle(getNetworkIdentityByDID, ({ namespace, query, params }) =>
    identityReply(namespace, query, params.did),
  ),
  handle(getNetworkDIDDocByDID, async ({ namespace, params }) =>
    didDocument(namespace, await getOne(namespace, getIdentityByDid, params.did)),
  ),
  handle(getNetworkOrgs, (call, context) =>
    replyList(call, context, identityFields, listIdentities, (eb) => eb('type', '=', 'org')),
  ),
  handle(getNetworkOrg, ({ namespace, params }) => findOfType(namespace, 'org', params.nameOrId)),
  handle(getNetworkNodes, (call, context) =>
    replyList(call, context, identityFields, listIdentities, (eb) => eb('type', '=', 'node')),
  ),
  handle(getNetworkNode, ({ namespace, params }) => findOfType(namespace, 'node', params.nameOrId)),
  handle(postNewOrganizationSelf, ({ namespace, wait }) =>
    namespace.network.registerOrganization('self', wait),
  ),
  handle(postNewOrganization, ({ namespace, body, wait }) =>
    namespace.network.registerOrganization({ ...body, type: 'org' }, wait),
  ),
  handle(postNodesSelf, ({ namespace, wait }) => namespace.network.registerNode(wait)),
  handle(postNetworkAction, ({ namespace, body: { type } }) => {
    if (!type) throw new NodeError('FF10131', { field: 'type' })
    return namespace.network.action({ type })
  }),
]
