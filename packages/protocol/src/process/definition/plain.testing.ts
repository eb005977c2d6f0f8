/** A small definition without faults or doubts. */
export const plain = {
  flow: 'flow/1',
  name: 'offer',
  version: '1.0.0',
  govern: { consent: 'each', clock: 'block' },
  roles: {
    buyer: { one: true },
    seller: { one: true },
    helper: { many: true, min: 1, max: 3 },
    auditor: { many: true, observer: true },
  },
  state: {
    price: { schema: { type: 'string', format: 'decimal' } },
    notes: { schema: { type: 'object' }, default: {} },
    until: { schema: { type: 'integer' } },
    round: { schema: { type: 'integer', minimum: 0 }, default: 0 },
  },
  stages: {
    main: {
      initial: 'draft',
      values: ['draft', 'open', 'agreed', 'gone'],
      final: ['agreed', 'gone'],
    },
  },
  steps: {
    offer: {
      by: ['buyer', 'seller'],
      in: { main: ['draft', 'open'] },
      input: {
        type: 'object',
        required: ['price', 'until'],
        properties: {
          price: { $ref: '#/$defs/money' },
          until: { type: 'integer' },
          note: { type: 'string', maxLength: 80 },
        },
        $defs: { money: { type: 'string', format: 'decimal' } },
      },
      when: [
        { code: 'PRICE_POSITIVE', rule: 'input.price > 0', message: 'Name a price.' },
        { code: 'IN_TIME', rule: 'now < input.until && input.until < now + duration("P30D")' },
      ],
      do: [
        { set: 'price', to: 'input.price' },
        { set: 'until', to: 'addBusinessDays(input.until, 1, "office")' },
        { set: 'notes[me]', to: 'input.note', if: 'has(input.note)' },
        { set: 'round', to: 'state.round + 1' },
      ],
      output: { round: 'state.round + 1' },
      effects: [
        { id: 'tell', kind: 'message.private', by: '$author', with: { value: 'input.price' } },
      ],
      to: { main: 'open' },
    },
    agree: {
      by: ['buyer', 'seller', 'helper'],
      in: { main: 'open' },
      when: [{ code: 'TOLD', rule: 'op.tell.status != "failed" && count.offer > 0' }],
      trigger: { schedule: 'state.until' },
      task: { priority: 'high', remind: ['P1D'] },
      to: { main: 'agreed' },
    },
  },
  deadlines: {
    never: { track: 'main', stage: 'draft', after: 'P9D', to: { main: 'gone' } },
    lapse: {
      track: 'main',
      stage: 'open',
      due: 'state.until',
      do: [{ set: 'notes["lapsed"]', to: 'string(deadline.lapse)' }],
      to: { main: 'gone' },
    },
  },
  calendars: { office: { weekend: [6, 7], holidays: ['2026-12-25'], utcOffset: 60 } },
}
