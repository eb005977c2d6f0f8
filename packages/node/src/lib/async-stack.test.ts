import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AsyncStack } from './async-stack.ts'

test('closes the last first, once', async () => {
  const closed: string[] = []
  const stack = new AsyncStack()
  stack.defer(() => void closed.push('deferred'))
  const resource = {
    async [Symbol.asyncDispose]() {
      closed.push('used')
    },
  }
  assert.equal(stack.use(resource), resource)
  await stack.disposeAsync()
  await stack.disposeAsync()
  assert.deepEqual(closed, ['used', 'deferred'])
})

test('closes the rest when one fails, and throws its failure', async () => {
  const closed: string[] = []
  const stack = new AsyncStack()
  stack.defer(() => void closed.push('first'))
  stack.defer(() => {
    throw new Error('stuck')
  })
  await assert.rejects(stack.disposeAsync(), { message: 'stuck' })
  assert.deepEqual(closed, ['first'])
})

test('what was moved is closed by its new stack only', async () => {
  let closed = 0
  const made = async (): Promise<AsyncStack> => {
    await using stack = new AsyncStack()
    stack.defer(() => void closed++)
    return stack.move()
  }
  const moved = await made()
  assert.equal(closed, 0)
  await moved[Symbol.asyncDispose]()
  assert.equal(closed, 1)
})
