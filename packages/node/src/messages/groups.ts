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
import { rowToGroup } from '../store/tables/groups.ts'
import { type Draft, draftData, draftMessage, type Place } from './draft.ts'

export interface GroupsDeps {
  readonly namespace: string
  readonly networkName: string
  readonly database: Database
  readonly directory: Directory
  /** DID of our node. */
  readonly node: string
}

const CACHE = 10_000

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
  /** DIDs of the members, by group hash. */
  readonly #known = new Map<string, ReadonlySet<string>>()

  constructor(deps: GroupsDeps) {
    this.#deps = deps
  }

  /**
   * The group a private message goes to: stated by hash, or by its members, ourselves added when left out. The author is one
   * of them, since only members' pins have an order.
   */
  async resolve(
    place: Place,
    signer: SignerRef,
    input: GroupInput | undefined,
    hash: string | undefined,
  ): Promise<ResolvedGroup> {
    if (hash) {
      const members = await this.#find(hash)
      if (!members) throw new NodeError('FF10226', { group: hash })
      if (!members.has(signer.author))
        throw new NodeError('CC20708', { author: signer.author, group: hash })
      return { hash }
    }
    const members = this.#members(input, signer.author)
    const identity = { namespace: this.#deps.networkName, name: input?.name ?? '', members }
    const made = hashGroup(identity)
    if (await this.#find(made)) return { hash: made }
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

  async #find(hash: string): Promise<ReadonlySet<string> | undefined> {
    const known = this.#known.get(hash)
    if (known) return known
    const row = await this.#deps.database.read
      .selectFrom('groups')
      .selectAll()
      .where('namespace', '=', this.#deps.namespace)
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (!row) return undefined
    const members = new Set(rowToGroup(row).members.map(({ identity }) => identity))
    if (this.#known.size >= CACHE) this.#known.clear()
    this.#known.set(hash, members)
    return members
  }

  #members(input: GroupInput | undefined, author: string): { identity: string; node: string }[] {
    const { directory, node } = this.#deps
    if (!input?.members?.length) throw new NodeError('FF00115', {})
    const members = input.members.map((member) => this.#member(member))
    const ours = directory.byDid(node)
    if (!ours) throw new NodeError('FF10218', {})
    if (!members.some((member) => member.identity === author && member.node === ours.row.id))
      members.push({ identity: author, node: ours.row.id })
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
