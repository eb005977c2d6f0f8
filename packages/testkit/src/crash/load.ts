import type { World } from '@concordat/node'
import type { Party } from '../party.ts'

/** A message that a node accepted: it answered so, or says that it has it already. */
export interface Accepted {
  readonly id: string
  readonly key: string
  readonly author: string
  readonly topics: readonly string[]
  /** Who must get it. */
  readonly receivers: readonly string[]
  /** The author's answer was lost, and the same key sent again. */
  readonly repeated: boolean
}

export interface Load {
  readonly accepted: readonly Accepted[]
  /** Rejects when a client could not go on. */
  readonly done: Promise<unknown>
  /** Lets each client finish what it began. */
  end(): Promise<void>
}

export interface LoadOptions {
  readonly name: string
  readonly world: World
  readonly parties: readonly Party[]
  /** Who is sent the most to. */
  readonly victim: Party
}

/** Clients that send one message after another, and send it again, with the same key, until it is accepted. */
export function startLoad({ name, world, parties, victim }: LoadOptions): Load {
  const accepted: Accepted[] = []
  let ended = false
  const runClient = async (author: Party, client: number, pauseMs: number): Promise<void> => {
    // Each begins with another kind of message.
    for (let i = client; !ended; i++) {
      const [, second, third] = [author, ...parties.filter((party) => party !== author)]
      const groups = [undefined, [second], undefined, [second, third], [third]]
      const group = groups[i % groups.length]?.flatMap((member) => member ?? [])
      const topics = i % 7 === 0 && !group ? ['first', 'second'] : [i % 2 ? 'first' : 'second']
      accepted.push(
        await send(world, author, {
          key: `${name}-${author.name}${client}-${i}`,
          topics,
          group,
          parties,
        }),
      )
      await world.sleep(pauseMs)
    }
  }
  const clients = parties.flatMap((party) =>
    party === victim ? [0, 1, 2, 3].map((i) => runClient(party, i, 3)) : [runClient(party, 4, 30)],
  )
  const done = Promise.all(clients)
  done.catch(() => {})
  return {
    accepted,
    done,
    async end() {
      ended = true
      await done
    },
  }
}

interface Sending {
  readonly key: string
  readonly topics: readonly string[]
  readonly group: readonly Party[] | undefined
  readonly parties: readonly Party[]
}

async function send(world: World, author: Party, sending: Sending): Promise<Accepted> {
  const { key, topics, group, parties } = sending
  const body = {
    header: { topics },
    idempotencyKey: key,
    data: [{ value: { key } }],
    ...(group && { group: { members: group.map(({ name }) => ({ identity: name })) } }),
  }
  const url = `${author.url}/api/v1/namespaces/default/messages/${group ? 'private' : 'broadcast'}`
  const receivers = group ? [author, ...group] : parties
  const end = world.now() + 30_000
  for (let repeated = false; world.now() < end; repeated = true) {
    const id = await attempt(url, body)
    if (id?.known && !repeated) throw new Error(`${key} was used before it was sent`)
    if (id)
      return {
        ...{ id: id.id, key, author: author.name, topics, repeated },
        receivers: receivers.map(({ name }) => name),
      }
    await world.sleep(50)
  }
  throw new Error(`${author.name} did not accept ${key}`)
}

/** Undefined: it is not known whether it was accepted, so it must be sent again. */
async function attempt(
  url: string,
  body: object,
): Promise<{ readonly id: string; readonly known: boolean } | undefined> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  })
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch(() => undefined)
  if (!answer || answer.status === 429 || answer.status === 503) return undefined
  if (answer.status === 202) return { id: JSON.parse(answer.text).header.id, known: false }
  const known = /FF10430.*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/.exec(answer.text)?.[1]
  if (answer.status === 409 && known) return { id: known, known: true }
  throw new Error(`${url}: ${answer.status} ${answer.text}`)
}
