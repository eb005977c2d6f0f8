import {
  type Group,
  hashGroup,
  maskedPin,
  type NodeError,
  padTime,
  parseGroup,
  parseJson,
  privateContext,
} from '@concordat/protocol'
import { sql } from 'kysely'
import type { Transaction } from '../store/database.ts'
import type { GroupRow } from '../store/schema.ts'

/** The private contexts this node follows: each is a topic within a group, with a next pin for each member. */
export class Contexts {
  readonly #namespace: string
  readonly #known = new Set<string>()

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  /** Follows each topic of a group from its first pin on; resolves the contexts, new or not. Nothing when the group is not known yet. */
  async follow(tx: Transaction, groupHash: string, topics: readonly string[]): Promise<string[]> {
    const wanted = [...new Set(topics)].map((topic) => ({
      topic,
      context: privateContext(topic, groupHash),
    }))
    const fresh = wanted.filter(({ context }) => !this.#known.has(context))
    if (fresh.length > 0) {
      const group = await this.#group(tx, groupHash)
      if (!group) return []
      const identities = [...new Set(membersOf(group).map(({ identity }) => identity))]
      const first = tx.sequence('nextpins', fresh.length * identities.length)
      await tx.insertMany(
        'nextpins',
        fresh.flatMap(({ topic, context }, i) =>
          identities.map((identity, j) => ({
            seq: first + i * identities.length + j,
            namespace: this.#namespace,
            context,
            identity,
            hash: maskedPin(topic, groupHash, identity, 0),
            nonce: 0,
            groupHash,
            topic,
          })),
        ),
        { skipConflicts: true },
      )
      tx.onCommit(() => {
        for (const { context } of fresh) this.#known.add(context)
      })
    }
    return wanted.map(({ context }) => context)
  }

  /** Keeps a group that came with its announcement, and follows the topics of messages that came before it. */
  async learn(
    tx: Transaction,
    group: Group,
    message: string | null,
    created: string,
  ): Promise<string[]> {
    const row: GroupRow = {
      seq: tx.sequence('groups', 1),
      namespace: this.#namespace,
      networkNamespace: group.namespace,
      hash: group.hash,
      name: group.name,
      members: JSON.stringify(group.members),
      message,
      created: group.created ? padTime(group.created) : created,
    }
    if ((await tx.insertMany('groups', [row], { skipConflicts: true })) === 0) return []
    const waiting = await tx.db
      .selectFrom('messages')
      .select('topics')
      .distinct()
      .where('namespace', '=', this.#namespace)
      .where('groupHash', '=', group.hash)
      .where('state', '=', sql.lit('pending'))
      .execute()
    return await this.follow(
      tx,
      group.hash,
      waiting.flatMap(({ topics }) => topics.split(',')),
    )
  }

  async #group({ db }: Transaction, hash: string): Promise<GroupRow | undefined> {
    return await db
      .selectFrom('groups')
      .selectAll()
      .where('namespace', '=', this.#namespace)
      .where('hash', '=', hash)
      .executeTakeFirst()
  }
}

export const membersOf = ({
  members,
}: Pick<GroupRow, 'members'>): { identity: string; node: string }[] =>
  JSON.parse(members) as { identity: string; node: string }[]

/** The group in an announcement's value, when it is what its hash says; undefined otherwise. */
export function readGroup(text: string, hash: string): Group | undefined {
  try {
    const group = parseGroup(parseJson(text))
    return group.hash === hash && hashGroup(group) === hash ? group : undefined
  } catch (error) {
    if ((error as NodeError).name === 'NodeError') return undefined
    throw error
  }
}
