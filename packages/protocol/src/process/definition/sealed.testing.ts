/** A definition with all that the format has, also what this version does not carry out. */
export const everything = {
  flow: 'flow/1',
  name: 'cold-chain',
  version: '1.0.0',
  title: 'Cold chain',
  terms: { title: 'Terms', hash: 'a'.repeat(64) },
  govern: {
    consent: 'standing',
    clock: { quorum: 2 },
    join: { by: ['maker', 'client'], quorum: 1 },
    leave: { by: ['maker', 'client'], quorum: 2 },
    migrate: { by: ['maker', 'client'], quorum: 2 },
    gap: { quorum: 'all', window: 'P1D' },
  },
  roles: {
    maker: { one: true },
    carrier: { many: true, min: 1, max: 5 },
    client: { one: true },
    regulator: { many: true, late: true },
    press: { many: true, observer: true },
  },
  state: {
    holder: { schema: { type: 'string' } },
    fine: { schema: { type: 'boolean' }, default: true },
    celsius: {
      schema: { type: 'string', format: 'decimal' },
      visible: ['maker', 'carrier', 'client'],
    },
    log: { schema: { type: 'object' }, default: {}, visible: ['maker', 'client'] },
  },
  stages: {
    item: {
      initial: 'made',
      values: ['made', 'moving', 'delivered', 'recalled'],
      final: ['delivered', 'recalled'],
    },
  },
  steps: {
    send: {
      by: ['maker'],
      in: { item: 'made' },
      trigger: { chain: 'token_transfer', pool: 'units' },
      input: { type: 'object', required: ['to'], properties: { to: { type: 'string' } } },
      when: [{ code: 'WRONG_TOKEN', rule: 'event.to == input.to' }],
      do: [{ set: 'holder', to: 'input.to' }],
      effects: [{ id: 'move', kind: 'token.transfer', by: 'maker', with: { to: 'input.to' } }],
      spawn: { child: 'inspection', with: { holder: 'state.holder' } },
      to: { item: 'moving' },
    },
    measure: {
      by: ['carrier'],
      in: { item: 'moving' },
      visible: { celsius: ['maker', 'carrier', 'client'] },
      receipt: { by: ['maker', 'client'], quorum: 1, within: 'PT12H' },
      input: {
        type: 'object',
        required: ['celsius', 'fine'],
        properties: { celsius: { type: 'string', format: 'decimal' }, fine: { type: 'boolean' } },
      },
      when: [
        {
          code: 'FALSE_CLAIM',
          rule: 'input.fine == (input.celsius < 8)',
          attest: { by: ['maker', 'client'], quorum: 1, within: 'PT12H' },
        },
      ],
      do: [
        { set: 'celsius', to: 'input.celsius' },
        { set: 'fine', to: 'input.fine' },
      ],
    },
    deliver: {
      by: ['client'],
      in: { item: 'moving' },
      trigger: { oracle: { by: ['client'], quorum: 1, within: 'P1D' } },
      result: 'move',
      when: [{ code: 'SPOILT', rule: 'state.fine' }],
      to: { item: 'delivered' },
    },
    recall: {
      by: ['maker', 'regulator'],
      in: { item: ['made', 'moving'] },
      trigger: { child: 'inspection' },
      when: [{ code: 'NO_PROOF', rule: 'true', proof: { system: 'range-pedersen/1' } }],
      output: { holder: 'state.holder' },
      to: { item: 'recalled' },
    },
  },
  deadlines: {
    late: { track: 'item', stage: 'moving', after: 'P9D', to: { item: 'recalled' } },
    review: { track: 'item', stage: 'made', due: '1900000000', do: [{ set: 'fine', to: 'false' }] },
  },
  calendars: { office: { weekend: [6, 7], holidays: ['2026-12-25'] } },
  children: { inspection: { definition: 'inspection@^1', parties: { holder: 'state.holder' } } },
  migrate: [
    { from: '0.9.0', stages: { item: { old: 'made' } }, do: [{ set: 'fine', to: 'true' }] },
  ],
}
