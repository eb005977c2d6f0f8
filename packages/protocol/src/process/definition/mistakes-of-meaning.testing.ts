import type { FaultCode } from './fault-table.ts'
import { drop, type Mistake, mistake, put } from './mistake.testing.ts'

const ofNames: readonly Mistake[] = [
  put('UNKNOWN_ROLE', '$.steps.agree.by[0]', 'steps.agree.by.0', 'byer'),
  put('UNKNOWN_ROLE', '$.steps.agree.by[0]', 'steps.agree.by.0', 'constructor'),
  put('UNKNOWN_ROLE', '$.steps.offer.effects[0].by', 'steps.offer.effects.0.by', 'bank'),
  put(
    'UNKNOWN_ROLE',
    '$.steps.agree.when[0].rule',
    'steps.agree.when.0.rule',
    'me in parties.bank',
  ),
  put(
    'UNKNOWN_ROLE',
    '$.state.celsius.visible[0]',
    'state.celsius.visible.0',
    'bank',
    'everything',
  ),
  put('UNKNOWN_ROLE', '$.govern.join.by[0]', 'govern.join.by.0', 'bank', 'everything'),
  put('UNKNOWN_TRACK', '$.steps.agree.to.mian', 'steps.agree.to', { mian: 'agreed' }),
  put('UNKNOWN_TRACK', '$.deadlines.never.track', 'deadlines.never.track', 'constructor'),
  put(
    'UNKNOWN_TRACK',
    '$.steps.agree.when[0].rule',
    'steps.agree.when.0.rule',
    'stage.mian == "open"',
  ),
  put('UNKNOWN_STAGE', '$.steps.agree.to.main', 'steps.agree.to.main', 'agreeed'),
  put('UNKNOWN_STAGE', '$.steps.offer.in.main[1]', 'steps.offer.in.main.1', 'opne'),
  put('UNKNOWN_STAGE', '$.stages.main.initial', 'stages.main.initial', 'begin'),
  put('UNKNOWN_STAGE', '$.stages.main.final[0]', 'stages.main.final.0', 'end'),
  put('UNKNOWN_STAGE', '$.deadlines.lapse.stage', 'deadlines.lapse.stage', 'opne'),
  put('UNKNOWN_FIELD', '$.steps.offer.do[0].set', 'steps.offer.do.0.set', 'prise'),
  put('UNKNOWN_FIELD', '$.steps.agree.when[0].rule', 'steps.agree.when.0.rule', 'state.rund == 1'),
  put('UNKNOWN_FIELD', '$.deadlines.lapse.due', 'deadlines.lapse.due', 'state.untl'),
  put('UNKNOWN_INPUT', '$.steps.offer.when[0].rule', 'steps.offer.when.0.rule', 'input.prise > 0'),
  put('UNKNOWN_INPUT', '$.steps.agree.when[0].rule', 'steps.agree.when.0.rule', 'input.price > 0'),
  put(
    'UNKNOWN_INPUT',
    '$.steps.measure.visible.kelvin',
    'steps.measure.visible.kelvin',
    ['maker'],
    'everything',
  ),
  put('UNKNOWN_EFFECT', '$.steps.agree.result', 'steps.agree.result', 'pay'),
  put(
    'UNKNOWN_EFFECT',
    '$.steps.agree.when[0].rule',
    'steps.agree.when.0.rule',
    'op.pay.status == "failed"',
  ),
  put('UNKNOWN_STEP', '$.steps.agree.when[0].rule', 'steps.agree.when.0.rule', 'count.ofer > 1'),
  put(
    'UNKNOWN_DEADLINE',
    '$.steps.agree.when[0].rule',
    'steps.agree.when.0.rule',
    'deadline.laps > 1',
  ),
  put('UNKNOWN_CHILD', '$.steps.send.spawn.child', 'steps.send.spawn.child', 'audit', 'everything'),
  put('RESERVED_CODE', '$.steps.agree.when[0].code', 'steps.agree.when.0.code', 'CONFLICT'),
  put('CODE_TWICE', '$.steps.offer.when[1].code', 'steps.offer.when.1.code', 'PRICE_POSITIVE'),
  mistake('EFFECT_TWICE', '$.steps.agree.effects[0].id', (d) => {
    d.steps.agree.effects = d.steps.offer.effects
  }),
  put('SET_SYNTAX', '$.steps.offer.do[0].set', 'steps.offer.do.0.set', 'notes.me'),
  mistake(
    'SET_TWICE',
    '$.steps.offer.do[4].set',
    (d) => void d.steps.offer.do.push({ set: 'price', to: 'input.price' }),
  ),
  put('ROLE_COUNT', '$.roles.helper', 'roles.helper.min', 4),
  put('ROLE_COUNT', '$.roles.buyer', 'roles.buyer.min', 1),
  put('OBSERVER_ACTS', '$.steps.agree.by[2]', 'steps.agree.by.2', 'auditor'),
  put('PERFORMER', '$.steps.offer.effects[0].by', 'steps.offer.effects.0.by', 'helper'),
  put(
    'EFFECT_ARGUMENT',
    '$.steps.offer.effects[0].with.vlaue',
    'steps.offer.effects.0.with.vlaue',
    '1',
  ),
  put('EFFECT_INCOMPLETE', '$.steps.offer.effects[0].with', 'steps.offer.effects.0.with', {}),
  put('QUORUM', '$.govern.join.quorum', 'govern.join.quorum', 3, 'everything'),
]

const rule = (code: FaultCode, value: string): Mistake =>
  put(code, '$.steps.agree.when[0].rule', 'steps.agree.when.0.rule', value)

const ofRules: readonly Mistake[] = [
  rule('UNKNOWN_STAGE', 'stage.main == "opne" || true'),
  rule('UNKNOWN_STAGE', '[1].all(x, "opne" != stage.main)'),
  rule('UNKNOWN_ROLE', 'role in ["buyer", "seler"]'),
  rule('RULE_SYNTAX', 'state.price = 3'),
  rule('RULE_SYNTAX', '('),
  rule('RULE_FUNCTION', 'fetch("http://x") == 1'),
  rule('RULE_FUNCTION', 'sise(state.notes) == 1'),
  rule('RULE_ARITY', 'size() == 1'),
  rule('RULE_TOO_LARGE', `${'!'.repeat(2000)}true`),
  rule('RULE_TOO_LARGE', Array(400).fill('1').join('+')),
  rule('UNKNOWN_VARIABLE', 'user == me'),
  rule('UNKNOWN_VARIABLE', 'process.env == me'),
  rule('UNKNOWN_VARIABLE', 'constructor == me'),
  rule('VARIABLE_NOT_HERE', 'event.to == me'),
  rule('VARIABLE_WHOLE', 'state[me] > 0'),
  rule('VARIABLE_WHOLE', 'size(input) == 0'),
  rule('UNKNOWN_CALENDAR', 'addBusinessDays(now, 1, "ofice") > 0'),
  put('RULE_SYNTAX', '$.steps.offer.do[2].set', 'steps.offer.do.2.set', 'notes[me +]'),
  put('UNKNOWN_VARIABLE', '$.steps.offer.do[2].if', 'steps.offer.do.2.if', 'you'),
  put('UNKNOWN_VARIABLE', '$.steps.offer.output.round', 'steps.offer.output.round', 'you'),
  put(
    'UNKNOWN_VARIABLE',
    '$.steps.offer.effects[0].with.value',
    'steps.offer.effects.0.with.value',
    'you',
  ),
  put('VARIABLE_NOT_HERE', '$.deadlines.lapse.due', 'deadlines.lapse.due', 'now + 1'),
  put('VARIABLE_NOT_HERE', '$.deadlines.lapse.do[0].to', 'deadlines.lapse.do.0.to', 'me'),
  put('VARIABLE_NOT_HERE', '$.steps.agree.trigger.schedule', 'steps.agree.trigger.schedule', 'now'),
]

const leak = (code: FaultCode, at: string, spoil: Mistake['spoil']): Mistake =>
  mistake(code, at, spoil, 'everything')

const ofFlow: readonly Mistake[] = [
  leak(
    'LEAK_RULE',
    '$.steps.deliver.when[1].rule',
    (d) => void d.steps.deliver.when.push({ code: 'HOT', rule: 'state.celsius < 8' }),
  ),
  drop('LEAK_RULE', '$.steps.measure.when[0].rule', 'steps.measure.when.0.attest', 'everything'),
  put(
    'LEAK_RULE',
    '$.steps.deliver.when[0].rule',
    'steps.deliver.when.0.rule',
    'size(state.log) == 0 || state.fine',
    'everything',
  ),
  put(
    'LEAK_DUE',
    '$.deadlines.review.due',
    'deadlines.review.due',
    'int(state.celsius)',
    'everything',
  ),
  put(
    'LEAK_DUE',
    '$.steps.deliver.trigger.schedule',
    'steps.deliver.trigger',
    { schedule: 'int(state.celsius)' },
    'everything',
  ),
  // A public value from a sealed one.
  put(
    'LEAK_SET',
    '$.steps.measure.do[1]',
    'steps.measure.do.1.to',
    'input.celsius < 8',
    'everything',
  ),
  // A public value from a branch on a sealed one.
  put(
    'LEAK_SET',
    '$.steps.measure.do[1]',
    'steps.measure.do.1.if',
    'input.celsius > 8',
    'everything',
  ),
  put(
    'LEAK_SET',
    '$.steps.measure.do[1]',
    'steps.measure.do.1.to',
    'state.celsius > 8 ? true : false',
    'everything',
  ),
  // A public key from a sealed value.
  put(
    'LEAK_SET',
    '$.steps.measure.do[1]',
    'steps.measure.do.1.set',
    'fine[string(input.celsius)]',
    'everything',
  ),
  // A field of fewer readers into one of more.
  put(
    'LEAK_SET',
    '$.steps.measure.do[0]',
    'steps.measure.do.0.to',
    'decimal(size(state.log))',
    'everything',
  ),
  put(
    'LEAK_SET',
    '$.deadlines.review.do[0]',
    'deadlines.review.do.0.if',
    'state.celsius > 8',
    'everything',
  ),
  put('LEAK_SET', '$.migrate[0].do[0]', 'migrate.0.do.0.to', 'state.celsius > 8', 'everything'),
  put(
    'LEAK_OUTPUT',
    '$.steps.recall.output.holder',
    'steps.recall.output.holder',
    'state.celsius',
    'everything',
  ),
  put(
    'LEAK_EFFECT',
    '$.steps.send.effects[0].with.to',
    'steps.send.effects.0.with.to',
    'string(state.celsius)',
    'everything',
  ),
  put(
    'LEAK_EFFECT',
    '$.steps.send.spawn.with.holder',
    'steps.send.spawn.with.holder',
    'state.log',
    'everything',
  ),
  leak(
    'BLIND_ATTESTER',
    '$.steps.measure.when[0].attest.by',
    (d) => void d.steps.measure.when[0].attest.by.push('regulator'),
  ),
  leak(
    'BLIND_RECEIPT',
    '$.steps.measure.receipt.by',
    (d) => void d.steps.measure.receipt.by.push('press'),
  ),
  leak('NO_RECEIPT', '$.steps.measure.visible.celsius', (d) => {
    delete d.steps.measure.receipt
    delete d.steps.measure.when
  }),
]

const ofLiveness: readonly Mistake[] = [
  drop('HOLD_WITHOUT_END', '$.steps.measure.receipt', 'steps.measure.receipt.within', 'everything'),
  drop(
    'HOLD_WITHOUT_END',
    '$.steps.measure.when[0].attest',
    'steps.measure.when.0.attest.within',
    'everything',
  ),
  drop(
    'HOLD_WITHOUT_END',
    '$.steps.deliver.trigger.oracle',
    'steps.deliver.trigger.oracle.within',
    'everything',
  ),
  put('DEADLINE_TO_ITSELF', '$.deadlines.lapse.to.main', 'deadlines.lapse.to.main', 'open'),
  mistake('DEADLINE_TO_ITSELF', '$.deadlines.lapse.to.main', (d) => {
    d.deadlines.lapse.stage = ['draft', 'open']
    d.deadlines.lapse.to.main = 'draft'
  }),
  mistake('DEADLINE_RING', '$.deadlines.lapse', (d) => {
    d.deadlines.lapse.to.main = 'draft'
    d.deadlines.never.to.main = 'open'
  }),
  put('DEADLINE_IDLE', '$.deadlines.idle', 'deadlines.idle', {
    track: 'main',
    stage: 'open',
    after: 'P1D',
  }),
  mistake('DEAD_END', '$.stages.main.values[1]', (d) => {
    delete d.steps.agree
    delete d.deadlines.lapse
  }),
  mistake('UNREACHABLE_STAGE', '$.stages.main.values[4]', (d) => {
    d.stages.main.values.push('limbo')
    d.steps.offer.in.main.push('limbo')
  }),
  mistake('NO_WAY_TO_END', '$.stages.main.values[4]', (d) => {
    d.stages.main.values.push('ping', 'pong')
    d.steps.enter = { by: ['buyer'], in: { main: 'open' }, to: { main: 'ping' } }
    d.steps.ping = { by: ['buyer', 'seller'], in: { main: 'ping' }, to: { main: 'pong' } }
    d.steps.pong = { by: ['buyer', 'seller'], in: { main: 'pong' }, to: { main: 'ping' } }
  }),
  mistake('ONE_ROLE_EXIT', '$.stages.main.values[1]', (d) => {
    d.steps.agree.by = ['helper']
    delete d.deadlines.lapse
    delete d.steps.agree.when
  }),
  mistake('NO_END_WITHOUT', '$.stages.main.values[1]', (d) => {
    d.steps.agree.by = ['seller']
    delete d.deadlines.lapse
    delete d.steps.agree.when
    d.stages.main.values.push('talk')
    d.steps.talk = { by: ['buyer', 'seller'], in: { main: 'open' }, to: { main: 'talk' } }
    d.steps.hush = { by: ['buyer', 'seller'], in: { main: 'talk' }, to: { main: 'open' } }
  }),
  put('UNREACHABLE_STEP', '$.steps.late', 'steps.late', { by: ['buyer'], in: { main: 'gone' } }),
  put('IDLE_ROLE', '$.roles.bank', 'roles.bank', { one: true }),
]

const ofTimes: readonly Mistake[] = [
  put('BAD_TEXT', '$.deadlines.never.after', 'deadlines.never.after', '9 days'),
  put('DURATION', '$.deadlines.never.after', 'deadlines.never.after', 'P'),
  put('DURATION', '$.deadlines.never.after', 'deadlines.never.after', 'PT0S'),
  put('DURATION', '$.deadlines.never.after', 'deadlines.never.after', 'P36525D'),
  put('DURATION', '$.steps.agree.task.remind[0]', 'steps.agree.task.remind.0', 'PT'),
  put('DURATION', '$.govern.gap.window', 'govern.gap.window', 'PT', 'everything'),
  put('CALENDAR', '$.calendars.office.weekend', 'calendars.office.weekend', [1, 2, 3, 4, 5, 6, 7]),
  put('CALENDAR', '$.calendars.office.holidays[0]', 'calendars.office.holidays.0', '2026-02-30'),
]

/** In names, expressions, the flow of information, the way to an end, and times. */
export const mistakesOfMeaning: readonly Mistake[] = [
  ...ofNames,
  ...ofRules,
  ...ofFlow,
  ...ofLiveness,
  ...ofTimes,
]
