import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { collect } from './collect.testing.ts'
import { readCsv, toCsv } from './csv.ts'
import { LINE_LIMIT } from './text-lines.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size)
}

const read = (text: string, size = 3) => collect(readCsv(inPieces(text, size)))

test('whatever is written is read again, wherever the text is cut', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', 'é', ' ') })
  const record = fc.array(cell, { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.array(record), fc.integer({ min: 1, max: 9 }), async (records, size) => {
      const written = records.map(toCsv).join('')
      const known = records.filter((cells) => cells.length > 1 || cells[0] !== '')
      const found = await read(written, size)
      assert.deepEqual(
        found.map(({ cells }) => cells),
        known,
      )
    }),
  )
})

test('records know the line they begin on', async () => {
  const found = await read('a,b\r\n"x\ny",1\n\nlast,"2"')
  assert.deepEqual(found, [
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['x\ny', '1'] },
    { line: 5, cells: ['last', '2'] },
  ])
})

test('a quote that never ends is not gathered for ever', async () => {
  await assert.rejects(read(`a\n"${'x'.repeat(LINE_LIMIT + 1)}`, 65_536), /longer than/)
})
