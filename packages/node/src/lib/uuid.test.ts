import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidV7 } from './uuid.ts'

const random = (length: number): Uint8Array => randomBytes(length)
const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

test('an id has the form of version 7, and begins with the time', () => {
  const now = Date.UTC(2026, 5, 1)
  const id = uuidV7(() => now, random)()
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(timeOf(id), now)
})

test('later ids sort after earlier ones, however the clock goes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 2 }), (times) => {
      let i = 0
      const next = uuidV7(() => times[i++] ?? 0, random)
      const ids = times.map(() => next())
      assert.deepEqual([...ids].sort(), ids)
      assert.equal(new Set(ids).size, ids.length)
    }),
  )
})

test('more ids than one millisecond can count borrow from the next', () => {
  const next = uuidV7(() => 1000, random)
  const ids = Array.from({ length: 5000 }, next)
  assert.deepEqual([...ids].sort(), ids)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(timeOf(ids[4095] ?? ''), 1000)
  assert.equal(timeOf(ids[4096] ?? ''), 1001)
})

test('generators that share a clock do not give the same ids', () => {
  const [a, b] = [uuidV7(() => 1000, random), uuidV7(() => 1000, random)]
  assert.equal(
    new Set([...Array.from({ length: 500 }, a), ...Array.from({ length: 500 }, b)]).size,
    1000,
  )
})

test('the same chance gives the same ids', () => {
  const seeded = (length: number): Uint8Array => new Uint8Array(length).fill(7)
  const make = (): string[] =>
    Array.from(
      { length: 3 },
      uuidV7(() => 1000, seeded),
    )
  assert.deepEqual(make(), make())
})
