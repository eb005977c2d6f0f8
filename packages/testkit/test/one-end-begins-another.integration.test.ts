import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { stringify } from 'yaml'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { agreeOn, begin, rowOf, take } from './support/process-work.ts'

const deal = `
flow: flow/1
name: deal
version: 1.0.0
govern: { consent: standing }
roles: { buyer: { one: true }, seller: { one: true } }
state:
  price: { schema: { type: string, format: decimal } }
  ledger: { schema: { type: string } }
stages: { main: { initial: open, values: [open, agreed, dropped], final: [agreed, dropped] } }
steps:
  agree:
    by: [buyer]
    in: { main: open }
    input:
      type: object
      required: [price, ledger]
      properties: { price: { type: string, format: decimal }, ledger: { type: string, format: uuid } }
    do: [ { set: price, to: input.price }, { set: ledger, to: input.ledger } ]
    to: { main: agreed }
  drop: { by: [buyer, seller], in: { main: open }, to: { main: dropped } }
`

const ledger = `
flow: flow/1
name: ledger
version: 1.0.0
govern: { consent: standing }
roles: { owner: { one: true }, reader: { one: true } }
state: { total: { schema: { type: string, format: decimal }, default: "0" }, last: { schema: { type: string } } }
stages: { main: { initial: kept, values: [kept, over], final: [over] } }
steps:
  book:
    by: [owner]
    in: { main: kept }
    input:
      type: object
      required: [amount, deal]
      properties: { amount: { type: string, format: decimal }, deal: { type: string, format: uuid } }
    do: [ { set: total, to: state.total + input.amount }, { set: last, to: input.deal } ]
  end: { by: [owner, reader], in: { main: kept }, to: { main: over } }
`

const settlement = `
flow: flow/1
name: settlement
version: 1.0.0
govern: { consent: standing }
roles: { payer: { one: true }, payee: { one: true } }
stages: { main: { initial: due, values: [due, paid], final: [paid] } }
steps: { pay: { by: [payer, payee], in: { main: due }, to: { main: paid } } }
`

/** Of party b alone. */
const bindings = {
  'deal@1': {
    links: {
      settle: {
        stage: { main: 'agreed' },
        create: {
          flow: 'settlement',
          parties: { payer: 'parties.buyer', payee: 'parties.seller' },
        },
      },
      book: {
        stage: { main: 'agreed' },
        when: 'state.price > 10',
        submit: {
          process: 'state.ledger',
          step: 'book',
          input: { amount: 'state.price', deal: 'process' },
        },
      },
    },
  },
}

const folder = await mkdtemp(join(tmpdir(), 'links-'))
after(() => rm(folder, { recursive: true, force: true }))
const file = join(folder, 'bindings.yaml')
await writeFile(file, stringify(bindings))

const partiesOf = ({ party }: Network) => ({ a: party('a'), b: party('b') })

const settlementsAt = (party: Party) =>
  party.namespace.database.read
    .selectFrom('processes')
    .select(['id', 'status', 'creator'])
    .where('name', '=', 'settlement')
    .execute()

const viewOf = async (party: Party, id: string) =>
  JSON.parse((await rowOf(party, id))?.view ?? '{}')

tellOnEachDialect(
  {
    parties: ['a', 'b'],
    configure: (yaml, party) => {
      if (party !== 'b') return yaml
      const predefined = yaml.namespaces.predefined.map((namespace) => ({
        ...namespace,
        processes: { bindings: file },
      }))
      return { ...yaml, namespaces: { ...yaml.namespaces, predefined } }
    },
  },
  {
    'what a party has bound to the end of an instance follows from it once, through a restart':
      async (network) => {
        const { a, b } = partiesOf(network)
        const flow = await agreeOn(network, deal)
        const books = await agreeOn(network, ledger)
        await agreeOn(network, settlement)
        const book = await begin(b, { flow: books, parties: { owner: 'b', reader: 'a' } })
        const roles = { buyer: 'a', seller: 'b' }
        const first = await begin(a, { flow, parties: roles })
        const cheap = await begin(a, { flow, parties: roles })
        const dropped = await begin(a, { flow, parties: roles })
        await take(a, first, 'agree', { price: '12.50', ledger: book })
        await b.until(async () => (await settlementsAt(b)).length === 1, 'a settlement is begun')
        await b.until(async () => (await viewOf(b, book)).state?.last === first, 'it is booked')
        await b.stop()
        await b.start()
        await take(a, cheap, 'agree', { price: '9', ledger: book })
        await take(a, dropped, 'drop')
        await a.until(async () => (await settlementsAt(a)).length === 2, 'another is begun')
        const settlements = await settlementsAt(a)
        assert(
          settlements.every(({ status, creator }) => status === 'running' && creator === b.did),
        )
        const { state } = await viewOf(a, book)
        assert.deepEqual([state.total, state.last], ['12.5', first])
        const work = await b.namespace.database.read
          .selectFrom('processWork')
          .select(['process', 'key', 'state', 'reason'])
          .where('kind', '=', 'link')
          .orderBy('seq')
          .execute()
        const names = work.map(({ key, state, reason }) => `${key} ${reason ?? state}`)
        assert.deepEqual(names, [
          'deal@1/settle done',
          'deal@1/book done',
          'deal@1/settle done',
          'deal@1/book done',
        ])
        const none = await a.namespace.database.read.selectFrom('processWork').selectAll().execute()
        assert.deepEqual(none, [])
      },
  },
)
