import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Event, InboxTask, InboxTaskDetail, TaskAnswer } from '@concordat/protocol'
import { templates } from '@concordat/protocol/process'
import { stringify } from 'yaml'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { answerJson, type Hit, startTarget } from './support/http-target.ts'
import { agree, begin, decisionsAt, submit } from './support/processes.ts'

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

/** An order under a definition of its own name, which the buyer has proposed. */
async function anOrder(
  { buyer, seller }: ReturnType<typeof partiesOf>,
  name: string,
): Promise<string> {
  const yaml = templates['purchase-order'].replace('name: purchase-order', `name: ${name}`)
  const flow = await agree([buyer, seller], { yaml })
  const id = await begin(buyer, flow, { buyer, seller })
  const { decision } = await submit(buyer, id, 'propose', terms)
  assert.equal(decision?.verdict, 'accepted')
  return id
}

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

/** What the deciders of the seller do with a question; each story says it for its own. */
const deciding = new Map<string, (hit: Hit, response: ServerResponse) => void>()
const target = await startTarget((hit, response) => {
  const decide = deciding.get(hit.url.slice(1))
  if (decide) decide(hit, response)
  else response.writeHead(204).end()
})
const folder = await mkdtemp(join(tmpdir(), 'bindings-'))
after(async () => {
  await target[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})
const bindings = join(folder, 'bindings.yaml')
const decider = (name: string, timeout: string) => ({
  webhook: `${target.url}/${name}`,
  timeout,
  secret,
})
await writeFile(
  bindings,
  stringify({
    groups: { sales: ['ann', 'ben'], managers: ['mia', 'max'] },
    'by-two@1': {
      tasks: {
        counter: {
          assign: { group: 'sales' },
          escalate: { after: '200ms', to: 'group:managers' },
          fourEyes: true,
        },
      },
    },
    'by-program@1': {
      deciders: {
        accept: decider('accept', '20s'),
        counter: decider('counter', '20s'),
        deliver: decider('deliver', '300ms'),
        invoice: decider('invoice', '20s'),
      },
    },
    'by-rule@1': {
      rules: [
        {
          when: 'state.price >= 12.00 && state.offeredBy == "buyer"',
          do: 'accept',
          input: { round: 'state.round' },
        },
      ],
    },
    'by-program-often@1': { deciders: { add: decider('add', '20s') } },
    'by-program-again@1': { deciders: { accept: decider('again', '20s') } },
  }),
)

/** A step that stays possible, and people who are reminded a second after they may take it. */
const counting = `flow: flow/1
name: by-program-often
version: 1.0.0
govern: { consent: standing, clock: block }
roles: { buyer: { one: true }, seller: { one: true } }
state: { count: { schema: { type: integer }, default: 0 } }
stages: { main: { initial: open, values: [open, done], final: [done] } }
steps:
  add:
    by: [seller]
    in: { main: open }
    do: [{ set: count, to: state.count + 1 }]
  finish:
    by: [buyer, seller]
    in: { main: open }
    to: { main: done }
    task: { remind: [P29DT23H59M56S] }
deadlines: { end: { track: main, stage: open, after: P30D, to: { main: done } } }
`

const detailOf = (party: Party, { id }: InboxTask) => party.get<InboxTaskDetail>(`tasks/${id}`)

/** Resolves when a task is as it should be. */
const untilTask = (party: Party, task: InboxTask, what: (task: InboxTaskDetail) => boolean) =>
  party.until(async () => what(await detailOf(party, task)), `task ${task.step} is as expected`)

tellOnEachDialect(
  {
    parties: ['a', 'b'],
    configure(yaml, name) {
      const [namespace] = yaml.namespaces.predefined
      if (name !== 'b') return yaml
      const predefined = [{ ...namespace, processes: { bindings } }]
      return { ...yaml, namespaces: { ...yaml.namespaces, predefined } }
    },
  },
  {
    'a person claims a task and completes it, and what others do closes those that are left':
      async (network) => {
        const { buyer, seller } = partiesOf(network)
        const id = await anOrder({ buyer, seller }, 'by-people')
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

    'what nobody does in time goes to others, and a second person has to agree': async (
      network,
    ) => {
      const { buyer, seller } = partiesOf(network)
      const id = await anOrder({ buyer, seller }, 'by-two')
      const task = await taskOf(seller, id, 'counter')
      await untilTask(seller, task, ({ group }) => group === 'managers')
      const told = await seller.get<Event[]>(`events?correlator=${id}&type=process_task_due`)
      assert.deepEqual(
        told.map(({ reference }) => reference),
        [task.id],
      )
      await assert.rejects(act(seller, task, 'claim', { actor: 'ann' }), /403 .*for managers/)
      assert.equal((await tasksAt(seller, `process=${id}&step=counter&ours&actor=ann`)).length, 0)
      assert.equal((await tasksAt(seller, `process=${id}&step=counter&ours&actor=mia`)).length, 1)

      const input = { price: '14' }
      const first = await act<TaskAnswer>(seller, task, 'complete', { actor: 'mia', input })
      assert.equal(first.task.state, 'confirming')
      assert.equal(first.answer, undefined, 'nothing is sent')
      await assert.rejects(act(seller, task, 'confirm', { actor: 'mia' }), /403 .*second person/)
      await assert.rejects(act(seller, task, 'confirm', { actor: 'ann' }), /403/)
      const agreed = await act<TaskAnswer>(seller, task, 'confirm?confirm', { actor: 'max' })
      assert.equal(agreed.answer?.decision?.verdict, 'accepted')
      assert.equal(agreed.task.submission?.by, 'mia')
      assert.equal(agreed.task.submission?.confirmedBy, 'max')
    },

    'a program decides, leaves it to people, or does not answer': async (network) => {
      const { buyer, seller } = partiesOf(network)
      const { promise: released, resolve: release } = Promise.withResolvers<void>()
      const questions: Hit[] = []
      deciding.set('accept', (hit, response) => {
        const status = questions.push(hit) === 1 ? 503 : 200
        const answer = { step: 'accept', input: { round: 1 } }
        void released.then(() => answerJson(response, status, answer))
      })
      deciding.set('deliver', () => {})
      deciding.set('invoice', (_, response) =>
        answerJson(response, 422, { error: 'no prices yet' }),
      )

      const id = await anOrder({ buyer, seller }, 'by-program')
      const counter = await taskOf(seller, id, 'counter')
      await untilTask(
        seller,
        counter,
        ({ decider, state }) => decider === 'person' && state === 'open',
      )
      const accept = await taskOf(seller, id, 'accept')
      assert.equal(accept.decider, 'asked')
      release()
      await untilTask(seller, accept, ({ state }) => state === 'done')
      assert.equal(questions.length, 2, 'it was asked again, and once only when it had answered')
      for (const question of questions) assertSigned(question, id)
      assert.equal(
        questions[0]?.headers['idempotency-key'],
        questions[1]?.headers['idempotency-key'],
      )

      const deliver = await taskOf(seller, id, 'deliver')
      await untilTask(seller, deliver, ({ decider }) => decider === 'person')
      const { history } = await detailOf(seller, deliver)
      assert.match(history.at(-1)?.text ?? '', /no answer/)
      await act(seller, deliver, 'complete?confirm', { actor: 'ann', input: { qty: 100 } })

      const invoice = await taskOf(seller, id, 'invoice')
      await untilTask(seller, invoice, ({ problem }) => problem?.includes('no prices yet') === true)
      assert.equal((await taskOf(seller, id, 'invoice')).state, 'open', 'it stays')
    },

    'what waits for a second person can be withdrawn, and ends when the stage is left': async (
      network,
    ) => {
      const { buyer, seller } = partiesOf(network)
      const id = await anOrder({ buyer, seller }, 'by-two')
      const task = await taskOf(seller, id, 'counter')
      await untilTask(seller, task, ({ group }) => group === 'managers')
      await act(seller, task, 'complete', { actor: 'mia', input: { price: '14' } })
      const back = await act(seller, task, 'release', { actor: 'max' })
      assert.equal(back.state, 'open')
      assert.equal(back.submission, undefined)
      await act(seller, task, 'complete', { actor: 'max', input: { price: '15' } })
      const { decision } = await submit(buyer, id, 'withdraw')
      assert.equal(decision?.verdict, 'accepted')
      await untilTask(seller, task, ({ state }) => state === 'gone')
      await assert.rejects(act(seller, task, 'confirm', { actor: 'mia' }), /409 .*is gone/)
      assert.equal((await decisionsAt(seller, id)).length, 2, 'nothing was sent')
    },

    'bindings are read again when they change, and the old ones hold while they have faults':
      async (network) => {
        const { buyer, seller } = partiesOf(network)
        const before = await readFile(bindings, 'utf8')
        const ruled = { when: 'state.offeredBy == "buyer"', do: 'accept' }
        await writeFile(bindings, `${before}'by-new-rule@1': { rules: [ { when: 'state.' } ] }`)
        const id = await anOrder({ buyer, seller }, 'by-new-rule')
        assert.equal((await taskOf(seller, id, 'accept')).state, 'open')
        const input = { round: 'state.round' }
        const added = stringify({ 'by-new-rule@1': { rules: [{ ...ruled, input }] } })
        await writeFile(bindings, `${before}${added}`)
        await seller.until(async () => {
          const next = await anOrder({ buyer, seller }, 'by-new-rule')
          const [task] = await tasksAt(seller, `process=${next}&step=accept`)
          return task?.submission?.by === 'rule'
        }, 'the new rule decides')
        await writeFile(bindings, before)
      },

    'a step that stays possible is asked for again, each time under another key': async (
      network,
    ) => {
      const { buyer, seller } = partiesOf(network)
      const keys: unknown[] = []
      deciding.set('add', ({ headers }, response) => {
        if (keys.push(headers['idempotency-key']) <= 3) answerJson(response, 200, {})
        else response.writeHead(204).end()
      })
      const flow = await agree([buyer, seller], { yaml: counting })
      const id = await begin(buyer, flow, { buyer, seller })
      const task = await taskOf(seller, id, 'add')
      await untilTask(seller, task, ({ decider }) => decider === 'person')
      assert.deepEqual(
        (await decisionsAt(seller, id)).map(({ verdict, step }) => [verdict, step]),
        Array(3).fill(['accepted', 'add']),
      )
      assert.deepEqual(
        keys.map((key) => String(key).split('/').slice(0, 3).join('/')),
        [0, 1, 2, 3].map((n) => `${id}/${n}/add`),
      )
      await act(seller, task, 'complete?confirm', { actor: 'ann' })
      assert.equal((await decisionsAt(seller, id)).length, 4)
      assert.equal((await taskOf(seller, id, 'add')).id, task.id, 'it stays')

      const finish = await taskOf(seller, id, 'finish')
      await seller.until(async () => {
        const told = await seller.get<Event[]>(`events?correlator=${id}&type=process_task_due`)
        return told.some(({ reference }) => reference === finish.id)
      }, 'people are reminded')
    },

    'a rule of one party decides by itself': async (network) => {
      const { buyer, seller } = partiesOf(network)
      const id = await anOrder({ buyer, seller }, 'by-rule')
      await buyer.until(async () => (await decisionsAt(buyer, id)).length === 2, 'it is answered')
      const [, answer] = await decisionsAt(buyer, id)
      assert.equal(answer?.step, 'accept')
      assert.equal(answer?.author, seller.did)
      const [task] = await tasksAt(seller, `process=${id}&step=accept`)
      assert.equal(task?.state, 'done')
      assert.equal(task?.submission?.by, 'rule')
    },

    'a node that stops while a program decides asks again, and takes the step once': async (
      network,
    ) => {
      const { buyer, seller } = partiesOf(network)
      const { promise: asked, resolve: wasAsked } = Promise.withResolvers<void>()
      const keys: unknown[] = []
      deciding.set('again', (hit, response) => {
        keys.push(hit.headers['idempotency-key'])
        wasAsked()
        if (keys.length > 1) answerJson(response, 200, { input: { round: 1 } })
      })
      const id = await anOrder({ buyer, seller }, 'by-program-again')
      await asked
      await seller.stop()
      await seller.start()
      await buyer.until(async () => (await decisionsAt(buyer, id)).length === 2, 'it is answered')
      assert.equal(new Set(keys).size, 1, 'all under one key')
      const task = (await tasksAt(seller, `process=${id}&step=accept`))[0]
      assert(task)
      await untilTask(seller, task, ({ state }) => state === 'done')
      assert.deepEqual(
        (await decisionsAt(seller, id)).map(({ step }) => step),
        ['propose', 'accept'],
      )
    },
  },
)

/** A question says whose it is, and what it is about. */
function assertSigned({ headers, body }: Hit, process: string): void {
  const key = String(headers['idempotency-key'])
  assert(key.startsWith(`${process}/1/accept/`), key)
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const mac = createHmac('sha256', Buffer.alloc(24, 7)).update(signed).digest('base64')
  assert.equal(headers['webhook-signature'], `v1,${mac}`)
  const { task, view, history } = JSON.parse(body)
  assert.deepEqual(task.input.required, ['round'])
  assert.deepEqual(
    task.options.map(({ step }: { step: string }) => step),
    ['accept', 'counter'],
  )
  assert.equal(view.state.price, '12.5')
  assert.equal(history[0].step, 'propose')
}
