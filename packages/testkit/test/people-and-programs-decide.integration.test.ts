import assert from 'node:assert/strict'
import type { Event, InboxTask, InboxTaskDetail, TaskAnswer } from '@concordat/protocol'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { agree, begin, submit } from './support/processes.ts'

const partiesOf = (network: Network) => {
  const [buyer, seller] = network.parties
  assert(buyer && seller)
  return { buyer, seller }
}

const terms = { item: 'bolts', qty: 100, price: '12.50', currency: 'EUR' }

const tasksAt = (party: Party, query: string): Promise<InboxTask[]> =>
  party.get<InboxTask[]>(`tasks?${query}`)

/** The open task of a step, once it is there. */
async function taskOf(party: Party, process: string, step: string): Promise<InboxTask> {
  let found: InboxTask | undefined
  await party.until(async () => {
    const tasks = await tasksAt(party, `process=${process}&step=${step}&open`)
    found = tasks[0]
    return found !== undefined
  }, `there is a task to ${step}`)
  assert(found)
  return found
}

const act = <T = InboxTask>(
  party: Party,
  task: InboxTask,
  what: string,
  body: object,
): Promise<T> => party.post<T>(`tasks/${task.id}/${what}`, body)

/** An order that the buyer has proposed. */
async function anOrder({ buyer, seller }: ReturnType<typeof partiesOf>): Promise<string> {
  const flow = await agree([buyer, seller], 'purchase-order')
  const id = await begin(buyer, flow, { buyer, seller })
  const { decision } = await submit(buyer, id, 'propose', terms)
  assert.equal(decision?.verdict, 'accepted')
  return id
}

tellOnEachDialect(
  { parties: ['a', 'b'] },
  {
    'a person claims a task and completes it, and what others do closes those that are left':
      async (network) => {
        const { buyer, seller } = partiesOf(network)
        const id = await anOrder({ buyer, seller })
        const task = await taskOf(seller, id, 'counter')
        assert.equal(task.state, 'open')
        assert.equal(task.party, seller.did)

        const claimed = await act(seller, task, 'claim', { actor: 'ann' })
        assert.equal(claimed.assignee, 'ann')
        await assert.rejects(act(seller, task, 'claim', { actor: 'ben' }), /409 .*claimed by ann/)
        await assert.rejects(act(seller, task, 'complete', { actor: 'ben' }), /403 .*ann has it/)
        await act(seller, task, 'delegate', { actor: 'ann', to: 'ben' })
        await act(seller, task, 'comments', { actor: 'ann', text: 'They pay more.' })
        assert.equal((await tasksAt(seller, `process=${id}&mine&actor=ben`)).length, 1)

        const refused = act(seller, task, 'complete', { actor: 'ben', input: { price: '12.50' } })
        await assert.rejects(refused, /422 .*MIN_MOVE/)
        const done = await seller.post<TaskAnswer>(`tasks/${task.id}/complete?confirm`, {
          actor: 'ben',
          input: { price: '13' },
        })
        assert.equal(done.answer?.decision?.verdict, 'accepted')
        assert.equal(done.task.state, 'done')

        const { history, view, input } = await seller.get<InboxTaskDetail>(`tasks/${task.id}`)
        assert.deepEqual(
          history.map(({ kind, actor }) => [kind, actor]),
          [
            ['opened', undefined],
            ['claimed', 'ann'],
            ['delegated', 'ann'],
            ['comment', 'ann'],
            ['completed', 'ben'],
            ['done', undefined],
          ],
        )
        assert.equal(view.n, 2)
        assert.deepEqual((input as { required?: unknown }).required, ['price'])

        const [accept] = await tasksAt(seller, `process=${id}&step=accept`)
        assert.equal(accept?.state, 'gone', 'the other way to answer is no more')
        assert.equal(accept?.endedBy, 2)

        const withdraw = await taskOf(seller, id, 'withdraw')
        const buyers = await taskOf(buyer, id, 'accept')
        await act(buyer, buyers, 'complete', { actor: 'cyd', input: { round: 2 } })
        await seller.until(async () => {
          const after = await seller.get<InboxTask>(`tasks/${withdraw.id}`)
          return after.state === 'gone' && after.endedBy === 3
        }, 'the buyer’s step has closed the seller’s task')
        assert.equal((await taskOf(seller, id, 'deliver')).state, 'open')
        const told = await seller.get<Event[]>(`events?correlator=${id}&type=process_task_closed`)
        assert(told.some(({ reference }) => reference === withdraw.id))
      },
  },
)
