import assert from 'node:assert/strict'
import type { Message } from '@concordat/protocol'
import type { Party } from '../../src/party.ts'

/** What a party made of its messages. */
export interface Outcome {
  /** Per topic and group (`all` for broadcasts): ids of confirmed messages, in the order of the events. */
  readonly order: ReadonlyMap<string, readonly string[]>
  /** Ids of rejected messages, with reasons. */
  readonly rejected: ReadonlyMap<string, string>
  /** Ids of messages that are neither. */
  readonly open: readonly string[]
}

export async function outcomeOf(party: Party): Promise<Outcome> {
  const { read } = party.namespace.database
  const messages = await read.selectFrom('messages').selectAll().execute()
  const groupOf = new Map(messages.map(({ id, groupHash }) => [id, groupHash ?? 'all']))
  const events = await read
    .selectFrom('events')
    .select(['reference', 'topic'])
    .where('type', '=', 'message_confirmed')
    .orderBy('seq')
    .execute()
  const order = new Map<string, string[]>()
  for (const { reference, topic } of events) {
    const context = `${topic} ${groupOf.get(reference)}`
    const ids = order.get(context)
    if (ids) ids.push(reference)
    else order.set(context, [reference])
  }
  const final = new Set(['confirmed', 'rejected', 'cancelled'])
  return {
    order,
    rejected: new Map(
      messages
        .filter(({ state }) => state === 'rejected')
        .map(({ id, hash, rejectReason }) => [`${id} ${hash}`, rejectReason ?? '']),
    ),
    open: messages.filter(({ state }) => !final.has(state)).map(({ id }) => id),
  }
}

/** Holds that the parties agree on each context that both have, and on what was rejected and why. */
export async function assertAgree(parties: readonly Party[]): Promise<Outcome[]> {
  const outcomes = await Promise.all(parties.map(outcomeOf))
  for (const [i, one] of outcomes.entries())
    for (const other of outcomes.slice(i + 1)) assertAlike(one, other)
  return outcomes
}

function assertAlike(one: Outcome, other: Outcome): void {
  for (const context of new Set([...one.order.keys(), ...other.order.keys()])) {
    // Each has private contexts that the other has no part in.
    const [mine, theirs] = [one.order.get(context), other.order.get(context)]
    if (context.endsWith(' all') || (mine && theirs))
      assert.deepEqual(theirs, mine, `the order of ${context}`)
  }
  for (const [id, reason] of one.rejected) assert.equal(other.rejected.get(id) ?? reason, reason)
}

/** Resolves when a message has this state at each of the parties. */
export async function untilState(
  parties: readonly Party[],
  id: string,
  state: string,
): Promise<void> {
  for (const party of parties)
    await party.until(async () => {
      const found = await party.get<Message[]>(`messages?id=${id}`)
      return found.some((message) => message.state === state)
    }, `message ${id} is ${state}`)
}

interface Sending {
  readonly topics?: readonly string[]
  readonly value?: unknown
  readonly tag?: string
}

const toInput = ({ topics = ['news'], value = 'hello', tag }: Sending) => ({
  header: { topics, ...(tag !== undefined && { tag }) },
  data: [{ value }],
})

/** Resolves the message's id, when it is durable. */
export async function broadcast(party: Party, sending: Sending): Promise<string> {
  const { header } = await party.post<Message>('messages/broadcast', toInput(sending))
  return header.id
}

export async function sendPrivate(
  party: Party,
  to: readonly Party[],
  sending: Sending,
): Promise<string> {
  const { header } = await party.post<Message>('messages/private', {
    ...toInput(sending),
    group: { members: to.map(({ name }) => ({ identity: name })) },
  })
  return header.id
}

/** Asks for a batch's payload again; a party that has found it by itself meanwhile has nothing open any more. */
export const askFor = async (party: Party, batch: string): Promise<void> => {
  await party
    .post(`batches/${batch}/request-payload`, {})
    .catch((error: unknown) => assert.match(String(error), /FF10109/))
}
