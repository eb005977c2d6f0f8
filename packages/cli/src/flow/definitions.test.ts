import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { templates } from '@concordat/protocol/process'
import { parse } from 'yaml'
import { Desk } from './desk.testing.ts'

const order = templates['purchase-order']

test('each template is written with a scenario beside it, is sound, and plays as expected', async () => {
  using desk = new Desk()
  for (const template of Object.keys(templates)) {
    const made = await desk.call('flow', 'new', '--template', template)
    assert.equal(made.code, 0, made.err)
    assert.match(made.out, new RegExp(`^Wrote ${template}.yaml and ${template}.scenario.yaml`))
    const checked = await desk.call('flow', 'check', `${template}.yaml`)
    assert.equal(checked.code, 0, checked.out)
    const played = await desk.call('flow', 'simulate', `${template}.yaml`)
    assert.equal(played.code, 0, played.out)
    const [, held, all] = /^(\d+) of (\d+) expectations hold\.$/m.exec(played.out) ?? []
    assert.ok(Number(all) > 5, template)
    assert.equal(held, all)
  }
})

test('a file that is there is never written over, unless that is forced', async () => {
  using desk = new Desk()
  desk.write('mine.scenario.yaml', 'mine')
  const refused = await desk.call('flow', 'new', '--template', 'rfq', 'mine.yaml')
  assert.deepEqual(refused, {
    code: 1,
    out: '',
    err: 'concordat: mine.scenario.yaml is there already; --force writes over it',
  })
  assert.equal(existsSync(join(desk.dir, 'mine.yaml')), false)
  assert.equal(desk.read('mine.scenario.yaml'), 'mine')
  assert.equal(
    (await desk.call('flow', 'new', '--template', 'rfq', 'mine.yaml', '--force')).code,
    0,
  )
  assert.equal(desk.read('mine.yaml'), templates.rfq)
})

test('a wrong call of flow new is one line', async () => {
  using desk = new Desk()
  for (const [args, code, line] of [
    [[], 2, /^concordat: say which: --template approval\|/],
    [['--template', 'huh'], 2, /^concordat: there is no template 'huh': --template approval\|/],
    [['--template', 'rfq', 'a.json'], 2, /must end in \.yaml, not a\.json$/],
    [['--template', 'rfq', 'none/a.yaml'], 1, /there is no such file or folder: .*none\/a\.yaml/],
  ] as const) {
    const answer = await desk.call('flow', 'new', ...args)
    assert.equal(answer.code, code)
    assert.match(answer.err, line)
  }
})

test('every fault is told with its place in the file, what is wrong and how to mend it', async () => {
  using desk = new Desk()
  const mistakes = [
    ['to: { main: agreed }', 'to: { main: agrede }', 'agrede', 'UNKNOWN_STAGE'],
    ['maxLength: 80', 'maxlength: 80', 'maxlength', 'SCHEMA_KEYWORD'],
    ['    title: Confirm delivery', '    tite: Confirm delivery', 'tite', 'UNKNOWN_KEY'],
    ['state.round < 10', 'state.round << 10', '< 10', 'RULE_SYNTAX'],
    ['(1 + input.vatRate)', '(1 + + input.vatRate)', '+ input.vatRate', 'RULE_SYNTAX'],
    ['after: P2D', 'after: two days', 'two days', 'BAD_TEXT'],
    [
      'qty: { type: integer, minimum: 1 }',
      'qty: { type: integer, minimum: 1.5 }',
      '1.5',
      'NOT_JSON',
    ],
    ['rule: state.deliveredQty', 'rule: state.delivered', 'delivered + input', 'UNKNOWN_FIELD'],
    ['version: 1.0.0\n', '', 'flow: flow/1', 'MISSING_KEY'],
  ] as const
  for (const [right, wrong, found, code] of mistakes) {
    const text = order.replace(right, wrong)
    assert.notEqual(text, order)
    desk.write('order.yaml', text)
    const { code: exit, out } = await desk.call('flow', 'check', 'order.yaml')
    assert.equal(exit, 1)
    const at = text.indexOf(found)
    const before = text.slice(0, at).split('\n')
    const place = `${before.length}:${(before.at(-1) ?? '').length + 1}`
    const line = out.split('\n').findIndex((one) => one.endsWith(`[${code}]`))
    assert.ok(out.split('\n')[line]?.startsWith(`order.yaml:${place}: error: `), `${place}\n${out}`)
    assert.match(out.split('\n')[line + 1] ?? '', /^ {4}\S/)
    assert.match(out, /^order\.yaml: \d+ faults?, \d+ warnings?\.$/m)
  }
})

test('a definition in JSON is checked in the same way, and the findings may be JSON too', async () => {
  using desk = new Desk()
  const json = JSON.stringify(parse(order), undefined, '\t')
  desk.write(
    'order.json',
    json.replace('"to": {\n\t\t\t\t"main": "agreed"', '"to": {\n\t\t\t\t"main": "agrede"'),
  )
  const { code, out } = await desk.call('flow', 'check', '--json', 'order.json')
  assert.equal(code, 1)
  const { outcome, findings } = JSON.parse(out)
  assert.equal(outcome, 'refused')
  const [{ line, column, ...finding }] = findings
  const found = desk
    .read('order.json')
    .split('\n')
    .at(line - 1)
  assert.equal(found?.slice(column - 1), 'agrede"')
  assert.deepEqual(finding, {
    code: 'UNKNOWN_STAGE',
    path: '$.steps.accept.to.main',
    message: 'Step "accept", to, main: track "main" has no stage "agrede".',
    mend: 'Did you mean "agreed"?',
    kind: 'fault',
  })
})

test('warnings are told, and do no harm', async () => {
  using desk = new Desk()
  desk.write('order.yaml', order)
  const { code, out } = await desk.call('flow', 'check', 'order.yaml')
  assert.equal(code, 0)
  assert.match(out, /^order\.yaml:19:\d+: warning: .* \[ONE_ROLE_EXIT\]$/m)
  assert.match(
    out,
    /^order\.yaml: purchase-order 1\.0\.0 is sound \(2 roles, 9 steps, 1 deadline\)/m,
  )
  assert.match(out, /^Definition [0-9a-f]{64}$/m)
})

test('what this version does not carry out yet is named', async () => {
  using desk = new Desk()
  desk.write('order.yaml', order.replace('clock: block', 'gap: { quorum: all, window: P1D }'))
  const { code, out } = await desk.call('flow', 'check', '--json', 'order.yaml')
  assert.equal(code, 1)
  const { outcome, findings } = JSON.parse(out)
  assert.equal(outcome, 'unsupported')
  assert.ok(
    findings.some(
      ({ kind, line }: { kind: string; line: number }) => kind === 'unsupported' && line === 2,
    ),
  )
})

test('a file that cannot be read as YAML is told of in one line, with its place', async () => {
  using desk = new Desk()
  for (const [text, place] of [
    ['a: [1\nb: 2\n', '2:1'],
    ['a: 1\na: 2\n', '2:1'],
    ['a: "x\n', '2:1'],
    ['a: 1\n---\nb: 2\n', '2:1'],
    ['a: *none\n', '1:4'],
    ['a: !huh 1\n', '1:4'],
  ] as const) {
    desk.write('x.yaml', text)
    const { code, out } = await desk.call('flow', 'check', 'x.yaml')
    assert.equal(code, 1, text)
    assert.match(out, new RegExp(`^x\\.yaml:${place}: error: .* \\[YAML_SYNTAX\\]$`, 'm'), text)
  }
})

test('a file that is no text, no file, hostile or too large is one line', async () => {
  using desk = new Desk()
  const bomb = [
    'a: &a [x, x]',
    ...'bcdefghijklmnop'.split('').map((key, i) => {
      const last = 'abcdefghijklmnop'[i]
      return `${key}: &${key} [*${last}, *${last}, *${last}, *${last}]`
    }),
  ].join('\n')
  for (const [name, text, line] of [
    ['binary.yaml', Uint8Array.of(0xff, 0xfe, 0), 'binary.yaml is not a text in UTF-8'],
    ['large.yaml', `# ${'x'.repeat(1024 * 1024)}`, 'large.yaml is larger than 1 MiB'],
  ] as const) {
    desk.write(name, text)
    const { code, err } = await desk.call('flow', 'check', name)
    assert.deepEqual([code, err], [1, `concordat: ${line}`])
  }
  assert.match(
    (await desk.call('flow', 'check', 'none.yaml')).err,
    /^concordat: there is no such file or folder: /,
  )
  assert.equal((await desk.call('flow', 'check', '.')).err, 'concordat: . is a folder')
  for (const text of [
    '',
    'null',
    '[]',
    '1',
    '['.repeat(5000),
    bomb,
    '? [a]\n: 1',
    '__proto__: 1',
  ]) {
    desk.write('x.yaml', text)
    const { code, out, err } = await desk.call('flow', 'check', 'x.yaml')
    assert.equal(code, 1, text.slice(0, 40))
    assert.match(out + err, /^(x\.yaml:\d+:\d+: error: |concordat: x\.yaml cannot be read: )/)
  }
})

test('commands that need a sound definition say where to learn what is wrong', async () => {
  using desk = new Desk()
  desk.write('bad.yaml', order.replace('to: { main: agreed }', 'to: { main: agrede }'))
  for (const args of [
    ['flow', 'diagram', 'bad.yaml'],
    ['flow', 'openapi', 'bad.yaml'],
    ['flow', 'diff', 'bad.yaml', 'bad.yaml'],
    ['flow', 'simulate', 'bad.yaml', 'none.yaml'],
    ['types', 'bad.yaml'],
  ]) {
    const { code, err } = await desk.call(...args)
    assert.equal(code, 1)
    assert.match(err, /^concordat: bad\.yaml has \d faults?; see: concordat flow check bad\.yaml$/)
  }
  desk.write('order.yaml', order)
  for (const args of [
    ['flow', 'diff', 'order.yaml'],
    ['flow', 'diagram'],
    ['flow', 'simulate'],
    ['types'],
  ]) {
    const { code, err } = await desk.call(...args)
    assert.equal(code, 2)
    assert.match(err, /^concordat: (FILE|AFTER) is missing; see: concordat help /)
  }
  const alone = await desk.call('flow', 'simulate', 'order.yaml')
  assert.match(alone.err, /there is no such file or folder: .*order\.scenario\.yaml/)
})

test('a definition is drawn, described and typed', async () => {
  using desk = new Desk()
  desk.write('order.yaml', order)
  const mermaid = await desk.call('flow', 'diagram', 'order.yaml')
  assert.match(mermaid.out, /^stateDiagram-v2\n[\s\S]*: accept \(buyer, seller\)/)
  const bpmn = await desk.call('flow', 'diagram', 'order.yaml', '--bpmn')
  assert.match(bpmn.out, /^<\?xml[\s\S]*<bpmn:choreography [\s\S]*<\/bpmn:definitions>$/)
  const server = 'https://node.example.com/api/v1/namespaces/default'
  const api = JSON.parse((await desk.call('flow', 'openapi', 'order.yaml', '--server', server)).out)
  assert.equal(api.servers[0].url, server)
  assert.ok(api.paths['/processes/{id}/steps/accept'].post)
  const types = await desk.call('types', 'order.yaml')
  assert.match(types.out, /export interface PurchaseOrderSteps \{[\s\S]*readonly accept: \{/)
})

test('the difference of two versions is told in words', async () => {
  using desk = new Desk()
  desk.write('old.yaml', order)
  desk.write('same.yaml', JSON.stringify(parse(order)))
  assert.equal(
    (await desk.call('flow', 'diff', 'old.yaml', 'same.yaml')).out,
    'Both mean the same.',
  )
  desk.write('words.yaml', order.replace('Accept offer', 'Agree').replace('1.0.0', '1.0.1'))
  const words = await desk.call('flow', 'diff', 'old.yaml', 'words.yaml')
  assert.match(
    words.out,
    /^~ Step "accept", title: "Accept offer" becomes "Agree"\. \(words only\)$/m,
  )
  desk.write('new.yaml', order.replace('state.round < 10', 'state.round < 5'))
  assert.deepEqual(await desk.call('flow', 'diff', 'old.yaml', 'new.yaml'), {
    code: 0,
    out: [
      '~ Step "counter", rule ROUND_LIMIT: "state.round < 10" becomes "state.round < 5".',
      '1 of 1 differences bind the parties.',
      'Both are purchase-order 1.0.0: give the new one a version of its own.',
    ].join('\n'),
    err: '',
  })
  const json = JSON.parse((await desk.call('flow', 'diff', '--json', 'old.yaml', 'new.yaml')).out)
  assert.equal(json[0].path, '$.steps.counter.when[1].rule')
})
