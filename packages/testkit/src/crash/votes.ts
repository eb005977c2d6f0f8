import assert from 'node:assert/strict'
import type { World } from '@concordat/node'
import { instanceTopic } from '@concordat/protocol/process'
import type { Network } from '../network.ts'
import type { Party } from '../party.ts'
import type { Accepted, Load } from './load.ts'

/** A process in which every step counts. */
const ballot = {
  flow: 'flow/1',
  name: 'ballot',
  version: '1.0.0',
  govern: { consent: 'standing', clock: 'block' },
  roles: { member: { many: true } },
  state: { votes: { schema: { type: 'integer' }, default: 0 } },
  stages: { main: { initial: 'open', values: ['open', 'over'], final: ['over'] } },
  steps: {
    vote: { by: ['member'], in: { main: 'open' }, do: [{ set: 'votes', to: 'state.votes + 1' }] },
    close: { by: ['member'], in: { main: 'open' }, to: { main: 'over' } },
  },
}

const wait = () => ({ confirm: true, timeoutMs: 20_000, signal: new AbortController().signal })

/** Begins a ballot of all parties; resolves its id when all know it. */
export async function beginBallot({ parties }: Network): Promise<string> {
  const [first] = parties
  assert(first)
  const { hash } = await first.namespace.processes.propose({ definition: ballot }, wait())
  for (const party of parties) {
    await party.until(
      async () => (await rowsOf(party, 'flows')).length > 0,
      'the definition is known',
    )
    await party.namespace.processes.adopt(hash, wait())
  }
  const member = parties.map(({ name }) => name)
  const { id } = await first.namespace.processes.create({ flow: hash, parties: { member } }, wait())
  for (const party of parties)
    await party.until(
      async () => (await rowsOf(party, 'processes')).length > 0,
      'the ballot is known',
    )
  return id
}

const rowsOf = (party: Party, table: 'flows' | 'processes') =>
  party.namespace.database.read.selectFrom(table).select('seq').execute()

/** Clients that vote again and again, and ask again with the same intent until a vote is taken. */
export function startVotes(
  name: string,
  { world, parties }: Pick<Network, 'world' | 'parties'>,
  process: string,
): Load {
  const accepted: Accepted[] = []
  let ended = false
  const runClient = async (author: Party, pauseMs: number): Promise<void> => {
    for (let i = 0; !ended; i++) {
      const key = `vote-${name}-${author.name}-${i}`
      const { id, repeated } = await vote(world, author, process, key)
      const receivers = parties.map((party) => party.name)
      const topics = [instanceTopic(process)]
      accepted.push({ id, key, author: author.name, topics, receivers, repeated })
      await world.sleep(pauseMs)
    }
  }
  const done = Promise.all(parties.map((party, i) => runClient(party, 10 + 30 * i)))
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

async function vote(
  world: World,
  author: Party,
  process: string,
  intent: string,
): Promise<{ readonly id: string; readonly repeated: boolean }> {
  const url = `${author.url}/api/v1/namespaces/default/processes/${process}/steps/vote`
  const end = world.now() + 30_000
  for (let repeated = false; world.now() < end; repeated = true) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ intent }),
      signal: AbortSignal.timeout(5_000),
    })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => undefined)
    if (answer && answer.status < 300) return { id: JSON.parse(answer.text).message, repeated }
    if (answer && answer.status !== 429 && answer.status !== 503)
      throw new Error(`${url}: ${answer.status} ${answer.text}`)
    await world.sleep(50)
  }
  throw new Error(`${author.name} did not take ${intent}`)
}

/** Every vote was decided once, at every party, in one order. */
export async function checkBallot(
  { parties }: Network,
  process: string,
  accepted: readonly Accepted[],
): Promise<void> {
  const topic = instanceTopic(process)
  const votes = accepted.filter(({ topics }) => topics.includes(topic)).map(({ id }) => id)
  let first: readonly unknown[] | undefined
  for (const { name, namespace } of parties) {
    const decisions = await namespace.database.read
      .selectFrom('decisions')
      .select(['n', 'hash', 'verdict', 'message'])
      .where('process', '=', process)
      .orderBy('n')
      .execute()
    assert.deepEqual(
      decisions.map(({ message }) => message).sort(),
      [...votes].sort(),
      `${name}: one decision for each vote`,
    )
    assert.ok(decisions.every(({ n, verdict }, i) => n === i + 1 && verdict === 'accepted'))
    first ??= decisions
    assert.deepEqual(decisions, first, `${name}: the same decisions`)
    const row = await namespace.database.read
      .selectFrom('processes')
      .select(['n', 'hash', 'view'])
      .where('id', '=', process)
      .executeTakeFirstOrThrow()
    assert.deepEqual([row.n, row.hash], [decisions.length, decisions.at(-1)?.hash ?? row.hash])
    assert.equal(JSON.parse(row.view).state.votes, votes.length)
  }
}
