import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collect } from './collect.testing.ts'
import { inOrder } from './in-order.ts'

async function* upTo(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i += 1) yield i
}

test('results come in the order of their items, whichever is ready first', async () => {
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const results = inOrder(upTo(4), 4, async (i) => {
    await gates[i]?.promise
    return i
  })
  gates[3]?.resolve()
  gates[1]?.resolve()
  gates[0]?.resolve()
  assert.equal((await results.next()).value, 0)
  assert.equal((await results.next()).value, 1)
  gates[2]?.resolve()
  assert.equal((await results.next()).value, 2)
  assert.equal((await results.next()).value, 3)
  assert.equal((await results.next()).done, true)
})

test('an answer does not wait for the next item to come', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* slow(): AsyncGenerator<string> {
    yield 'first'
    await promise
    yield 'second'
  }
  const results = inOrder(slow(), 8, async (text) => text.toUpperCase())
  assert.equal((await results.next()).value, 'FIRST')
  resolve()
  assert.equal((await results.next()).value, 'SECOND')
})

test('no more is begun than may be under way', async () => {
  let underWay = 0
  let most = 0
  const results = inOrder(upTo(100), 5, async (i) => {
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay -= 1
    return i
  })
  assert.equal((await collect(results)).length, 100)
  assert.equal(most, 5)
})

test('who stops reading stops the items', async () => {
  let ended = false
  async function* endless(): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i += 1) yield i
    } finally {
      ended = true
    }
  }
  for await (const i of inOrder(endless(), 3, async (each) => each)) if (i === 7) break
  assert.equal(ended, true)
})
