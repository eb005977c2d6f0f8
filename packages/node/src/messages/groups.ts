import {
  type GroupInput,
  groupJson,
  hashGroup,
  NodeError,
  padTime,
  RawJson,
} from '@concordat/protocol'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import { lookUp, type SignerRef } from '../identity/signer.ts'
import type { Database } from '../store/database.ts'
import type { GroupRow } from '../store/schema.ts'
import { type Draft, draftData, draftMessage, type Place } from './draft.ts'

export interface GroupsDeps {
  readonly namespace: string
  readonly networkName: string
  readonly database: Database
  readonly directory: Directory
  /** DIDs of our root organisation and our node. */
  readonly rootOrg: string
  readonly node: string
}

export interface ResolvedGroup {
  readonly hash: string
  /** Set when nobody here has used this group before. */
  readonly created?: NewGroup
}

/** A group used for the first time: its row, and the message that announces it. */
export interface NewGroup {
  readonly row: Omit<GroupRow, 'seq'>
  readonly draft: Draft
}

/** The groups of a namespace: found by hash, or made on first use. */
export class Groups {
  readonly #deps: GroupsDeps
  readonly #known = new Set<string>()

  constructor(deps: GroupsDeps) {
    this.#deps = deps
  }

  /** The group a private message goes to: stated by hash, or by its members (ourselves added when left out). */
  async resolve(
    place: Place,
    signer: SignerRef,
    input: GroupInput | undefined,
    hash: string | undefined,
  ): Promise<ResolvedGroup> {
    if (hash) {
      if (!(await this.exists(hash))) throw new NodeError('FF10226', { group: hash })
      return { hash }
    }
    const members = this.#members(input)
    const identity = { namespace: this.#deps.networkName, name: input?.name ?? '', members }
    const made = hashGroup(identity)
    if (await this.exists(made)) return { hash: made }
    const row: NewGroup['row'] = {
      namespace: this.#deps.namespace,
      networkNamespace: identity.namespace,
      hash: made,
      name: identity.name,
      members: JSON.stringify(members),
      message: null,
      created: padTime(place.created),
    }
    const value = new RawJson(groupJson({ ...identity, hash: made, created: place.created }))
    const data = draftData(place, { value, validator: 'definition' })
    const draft = draftMessage(
      place,
      {
        ...signer,
        type: 'groupinit',
        txtype: 'batch_pin',
        topics: [made],
        tag: 'ff_define_group',
        group: made,
      },
      [{ kind: 'new', data }],
    )
    return { hash: made, created: { row: { ...row, message: draft.message.header.id }, draft } }
  }

  async exists(hash: string): Promise<boolean> {
    if (this.#known.has(hash)) return true
    const row = await this.#deps.database.read
      .selectFrom('groups')
      .select('seq')
      .where('namespace', '=', this.#deps.namespace)
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (row) this.#known.add(hash)
    return row !== undefined
  }

  #members(input: GroupInput | undefined): { identity: string; node: string }[] {
    const { directory, rootOrg, node } = this.#deps
    if (!input?.members?.length) throw new NodeError('FF00115', {})
    const members = input.members.map((member) => this.#member(member))
    const ours = directory.byDid(node)
    if (!ours || !directory.byDid(rootOrg)) throw new NodeError('FF10218', {})
    if (!members.some((member) => member.node === ours.row.id))
      members.push({ identity: rootOrg, node: ours.row.id })
    const unique = new Map(members.map((member) => [`${member.identity}|${member.node}`, member]))
    return [...unique.values()].sort((a, b) =>
      a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0,
    )
  }

  #member({ identity, node }: { identity?: string; node?: string }): {
    identity: string
    node: string
  } {
    const { directory } = this.#deps
    if (!identity) throw new NodeError('FF00116', { index: 0 })
    const owner = lookUp(directory, identity)
    const at = node ? this.#node(node) : directory.nodeOf(owner.row.id)
    if (!at) throw new NodeError('FF10228', { identity })
    const holder = at.row.parent ? directory.byId(at.row.parent) : undefined
    if (!holder || !directory.isSelfOrAncestor(holder.row.did, owner.row.id))
      throw new NodeError('FF10422', { node: at.row.name, identity })
    return { identity: owner.row.did, node: at.row.id }
  }

  #node(nameOrId: string): KnownIdentity | undefined {
    const { directory } = this.#deps
    return (
      directory.byId(nameOrId) ??
      directory.byDid(nameOrId) ??
      directory.byTypeAndName('node', nameOrId)
    )
  }
}
