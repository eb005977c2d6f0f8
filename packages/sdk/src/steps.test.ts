import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from './client.ts'
import type { FlowTypes } from './flow-types.ts'
import type { AgreedProcess } from './processes.ts'

interface Sale extends FlowTypes {
  readonly role: 'buyer' | 'seller'
  readonly stages: { readonly main: 'open' | 'sold' }
  readonly state: { readonly price: string | null }
  readonly steps: {
    readonly offer: { readonly role: 'seller'; readonly input: { readonly price: string } }
    readonly buy: { readonly role: 'buyer'; readonly input: Readonly<Record<string, never>> }
    readonly ask: { readonly role: 'buyer'; readonly input: { readonly hint?: string } }
  }
}

// Nobody listens there: what is called fails, but for its types.
const client = createClient('http://127.0.0.1:1')
const sale: AgreedProcess<Sale> = client.processes.of<Sale>('11111111-1111-4111-8111-111111111111')
const failing = (call: Promise<unknown>): Promise<void> => assert.rejects(call, /fetch failed/)

test('steps are held to their definition', async () => {
  await failing(sale.steps.offer({ price: '1.50' }, { role: 'seller', intent: 'once' }))
  await failing(sale.steps.buy())
  await failing(sale.steps.ask({ hint: 'cheaper' }))
  await failing(sale.steps.offer.tryOut({ price: '2' }))
  // @ts-expect-error the price is missing
  await failing(sale.steps.offer({}))
  // @ts-expect-error an input is needed
  await failing(sale.steps.offer())
  // @ts-expect-error a decimal is a text
  await failing(sale.steps.offer({ price: 1.5 }))
  // @ts-expect-error only the seller offers
  await failing(sale.steps.offer({ price: '1' }, { role: 'buyer' }))
  // @ts-expect-error no such input
  await failing(sale.steps.ask({ hints: 'x' }))
  // @ts-expect-error no such step
  await failing(sale.steps.sell())
})

test('documents, stages and parties are typed', () => {
  type Got = Awaited<ReturnType<typeof sale.get>>
  const read = ({ state, stages, parties }: Got): readonly unknown[] => {
    const price: string | null = state.price
    const stage: 'open' | 'sold' = stages.main.stage
    const [buyer]: readonly string[] = parties.buyer
    // @ts-expect-error no such field
    return [price, stage, buyer, state.colour]
  }
  assert.equal(read.length, 1)
})

test('parties are those of the definition', async () => {
  await failing(client.processes.begin<Sale>('sale', { buyer: 'a', seller: ['b', 'c'] }))
  // @ts-expect-error the seller is missing
  await failing(client.processes.begin<Sale>('sale', { buyer: 'a' }))
  await failing(client.processes.begin('sale', { anyone: 'a' }))
  await failing(
    client.processes.list<Sale>({ 'state.price': '>1', 'stage.main': ['open', 'sold'] }),
  )
  // @ts-expect-error no such field
  await failing(client.processes.list<Sale>({ colour: 'red' }))
})
