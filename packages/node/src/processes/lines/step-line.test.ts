import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { collect } from './collect.testing.ts'
import { readCells } from './read-cells.ts'
import { BadLine, type LineFormat, readStepLines } from './step-line.ts'
import { LINE_LIMIT } from './text-lines.ts'

const read = async (text: string | Uint8Array, format: LineFormat) => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7)
  }
  const lines = await collect(readStepLines(pieces(), format))
  return lines.map(({ line, read: found }) =>
    found instanceof BadLine ? `${line}: ${found.reason}` : { line, ...found },
  )
}

test('JSON Lines: each line is a step, or says why it is none', async () => {
  const lines = [
    '{"process":"p","step":"s","intent":"1","input":{"a":"é","n":2}}',
    '',
    '{"process":"p","step":"s"}',
    '{"process":"p","process":"q","step":"s","intent":"2"}',
    'nonsense',
    '[1]',
    '{"process":"p","step":"s","intent":"3","colour":"red"}',
    '{"process":"p","step":"s","intent":"4","role":"buyer","expect":{"n":7}}\r',
    '{"process":"p","step":"s","intent":"5","input":[]}',
  ]
  const found = await read(lines.join('\n'), 'jsonl')
  const [first, ...rest] = found
  assert(typeof first === 'object')
  assert.deepEqual({ ...first.input }, { a: 'é', n: 2 })
  assert.equal(rest[0], '3: intent is missing')
  assert.match(`${rest[1]}`, /^4: /)
  assert.match(`${rest[2]}`, /^5: /)
  assert.deepEqual(rest.slice(3, 5), ['6: it is no JSON object', "7: 'colour' is unknown"])
  assert.deepEqual(rest[5], {
    line: 8,
    process: 'p',
    step: 's',
    intent: '4',
    role: 'buyer',
    expect: { n: 7 },
    input: {},
  })
  assert.equal(rest[6], '9: input is no JSON object')
})

test('CSV: cells are told apart by their column, and read as the step wants them', async () => {
  const text =
    '\uFEFFprocess,step,intent,input.words,input.count\r\np,s,1,"a, b",12\r\np,s,2,,\r\np,s,3,x,1,2\r\np,,4,x,1\r\n'
  const [one, two, long, none] = await read(text, 'csv')
  assert(typeof one === 'object' && one.input instanceof Map)
  const schema = {
    type: 'object',
    properties: { words: { type: 'string' }, count: { type: 'integer' } },
  } as const
  assert.deepEqual({ ...readCells(one.input, schema) }, { words: 'a, b', count: 12 })
  assert(typeof two === 'object')
  assert.deepEqual({ ...two.input }, {})
  assert.match(`${long}`, /^4: it has more cells/)
  assert.equal(none, '5: step is missing')
})

test('the examples of the documents are read', async () => {
  const page = new URL('../../../../../docs/process/systems.md', import.meta.url)
  const text = await readFile(page, 'utf8')
  for (const format of ['jsonl', 'csv'] as const) {
    const example = new RegExp(`^\`\`\`${format}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1]
    assert(example)
    const found = await read(example, format)
    assert.equal(found.length, format === 'csv' ? 1 : 2)
    for (const line of found) assert(typeof line === 'object', `${line}`)
  }
})

test('CSV: a head that can not be used ends it', async () => {
  for (const [head, reason] of [
    ['process,step', "column 'intent' is missing"],
    ['process,step,intent,colour', "column 'colour' is unknown"],
    ['process,step,intent,step', 'a column stands twice'],
  ])
    assert.deepEqual(await read(`${head}\np,s,1,x\n`, 'csv'), [`1: ${reason}`])
})

test('what is no text, or a line without end, is told and ends it', async () => {
  const step = '{"process":"p","step":"s","intent":"1"}\n'
  const broken = new Uint8Array([...new TextEncoder().encode(step), 0xff, 0xfe, 10])
  const found = await read(broken, 'jsonl')
  assert.equal(found.length, 2)
  assert.match(`${found[1]}`, /no UTF-8/)
  const long = await read(`${step}${'x'.repeat(LINE_LIMIT + 10)}`, 'jsonl')
  assert.match(`${long[1]}`, /^2: longer than/)
})

test('cells that do not fit stay texts, for the step to be refused', () => {
  const schema = { properties: { count: { type: 'integer' }, flag: { type: 'boolean' } } } as const
  const cells = new Map([
    ['count', 'many'],
    ['flag', 'true'],
    ['__proto__', 'x'],
  ])
  const input = readCells(cells, schema)
  assert.deepEqual(Object.entries(input), [
    ['count', 'many'],
    ['flag', true],
    ['__proto__', 'x'],
  ])
})
