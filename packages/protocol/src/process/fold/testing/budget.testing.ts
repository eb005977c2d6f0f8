/** One asks, several vote; every stage ends by itself, two deadlines fall on one second, and one moves nothing. */
export const budget = {
  flow: 'flow/1',
  govern: { consent: 'standing', clock: 'block' },
  name: 'budget',
  version: '1.0.0',
  roles: { owner: { one: true }, approver: { many: true, min: 2, max: 5 } },
  state: {
    title: { schema: { type: 'string', maxLength: 80 } },
    amount: { schema: { type: 'string', format: 'decimal' } },
    tokens: { schema: { type: 'string', format: 'integer' } },
    votes: { schema: { type: 'object', additionalProperties: { type: 'boolean' } }, default: {} },
    approvals: { schema: { type: 'integer' }, default: 0 },
    notes: { schema: { type: 'array', items: { type: 'string' }, maxItems: 4 }, default: [] },
    reminders: { schema: { type: 'string' }, default: '' },
    askedAt: { schema: { type: 'integer' } },
  },
  stages: {
    main: {
      initial: 'draft',
      values: ['draft', 'review', 'approved', 'done', 'dropped'],
      final: ['done', 'dropped'],
    },
  },
  steps: {
    ask: {
      by: ['owner'],
      in: { main: 'draft' },
      input: {
        type: 'object',
        required: ['title', 'amount', 'tokens'],
        properties: {
          title: { type: 'string', maxLength: 80 },
          amount: { type: 'string', format: 'decimal' },
          tokens: { type: 'string', format: 'integer' },
        },
      },
      do: [
        { set: 'title', to: 'input.title' },
        { set: 'amount', to: 'input.amount' },
        { set: 'tokens', to: 'input.tokens' },
        { set: 'askedAt', to: 'now' },
      ],
      output: { twice: 'input.amount * 2', square: 'input.tokens * input.tokens' },
      to: { main: 'review' },
    },
    vote: {
      by: ['approver'],
      in: { main: 'review' },
      input: { type: 'object', required: ['yes'], properties: { yes: { type: 'boolean' } } },
      when: [{ code: 'ALREADY_VOTED', rule: '!(me in state.votes)' }],
      do: [
        { set: 'votes[me]', to: 'input.yes' },
        { set: 'approvals', to: 'state.approvals + 1', if: 'input.yes' },
      ],
    },
    note: {
      by: ['owner', 'approver'],
      input: {
        type: 'object',
        required: ['text'],
        properties: { text: { type: 'string', maxLength: 200 } },
      },
      do: [{ set: 'notes[size(state.notes)]', to: 'input.text' }],
    },
    settle: {
      by: ['owner'],
      in: { main: 'review' },
      when: [
        { code: 'TOO_FEW', rule: 'state.approvals >= 2' },
        { code: 'TOO_EARLY', rule: 'now >= state.askedAt + 60' },
      ],
      to: { main: 'approved' },
      effects: [
        {
          id: 'tell',
          kind: 'message.broadcast',
          by: 'owner',
          with: { value: '{"title": state.title, "amount": state.amount}' },
        },
      ],
    },
    told: {
      by: ['owner', 'approver'],
      in: { main: 'approved' },
      result: 'tell',
      auto: true,
      input: { type: 'object', properties: { failed: { type: 'boolean' } } },
      to: { main: 'done' },
    },
  },
  deadlines: {
    draftEnds: { track: 'main', stage: 'draft', after: 'P1D', to: { main: 'dropped' } },
    remind: {
      track: 'main',
      stage: 'review',
      after: 'PT1H',
      do: [{ set: 'reminders', to: 'state.reminders + "r"' }],
    },
    nudge: {
      track: 'main',
      stage: 'review',
      due: 'state.askedAt + 3600',
      do: [{ set: 'reminders', to: 'state.reminders + "n"' }],
    },
    reviewEnds: { track: 'main', stage: 'review', after: 'PT2H', to: { main: 'dropped' } },
    tellEnds: { track: 'main', stage: 'approved', after: 'PT1H', to: { main: 'done' } },
  },
} as const
