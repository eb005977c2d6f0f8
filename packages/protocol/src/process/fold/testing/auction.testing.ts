/** Sealed bids: commit, reveal, allot. */
export const auction = {
  flow: 'flow/1',
  govern: {
    consent: 'each',
    clock: 'block',
  },
  name: 'syndicated-auction',
  version: '1.0.0',
  roles: {
    arranger: {
      one: true,
    },
    bank: {
      many: true,
      min: 2,
      max: 20,
    },
  },
  state: {
    loan: {
      schema: {
        type: 'integer',
      },
    },
    bidEnd: {
      schema: {
        type: 'integer',
      },
    },
    revealEnd: {
      schema: {
        type: 'integer',
      },
    },
    commits: {
      schema: {
        type: 'object',
      },
      default: {},
    },
    bids: {
      schema: {
        type: 'object',
      },
      default: {},
    },
    order: {
      schema: {
        type: 'array',
      },
      default: [],
    },
    award: {
      schema: {
        type: 'object',
      },
      default: {},
    },
    left: {
      schema: {
        type: 'integer',
      },
      default: 0,
    },
  },
  stages: {
    main: {
      initial: 'setup',
      values: ['setup', 'bidding', 'reveal', 'award', 'closed', 'failed'],
      final: ['closed', 'failed'],
    },
  },
  steps: {
    open: {
      by: ['arranger'],
      in: {
        main: 'setup',
      },
      input: {
        type: 'object',
        required: ['loan', 'bidEnd', 'revealEnd'],
        properties: {
          loan: {
            type: 'integer',
            minimum: 1,
          },
          bidEnd: {
            type: 'integer',
          },
          revealEnd: {
            type: 'integer',
          },
        },
      },
      when: [
        {
          code: 'DATES',
          rule: 'now < input.bidEnd && input.bidEnd < input.revealEnd',
        },
      ],
      do: [
        {
          set: 'loan',
          to: 'input.loan',
        },
        {
          set: 'left',
          to: 'input.loan',
        },
        {
          set: 'bidEnd',
          to: 'input.bidEnd',
        },
        {
          set: 'revealEnd',
          to: 'input.revealEnd',
        },
      ],
      to: {
        main: 'bidding',
      },
    },
    commit: {
      title: 'Commit sealed bid',
      by: ['bank'],
      in: {
        main: 'bidding',
      },
      input: {
        type: 'object',
        required: ['c'],
        properties: {
          c: {
            type: 'string',
            minLength: 43,
            maxLength: 43,
          },
        },
      },
      when: [
        {
          code: 'ALREADY_BID',
          rule: '!(me in state.commits)',
        },
        {
          code: 'COPIED_COMMITMENT',
          rule: '!keys(state.commits).exists(k, state.commits[k] == input.c)',
        },
      ],
      do: [
        {
          set: 'commits[me]',
          to: 'input.c',
        },
      ],
    },
    reveal: {
      title: 'Reveal bid',
      by: ['bank'],
      in: {
        main: 'reveal',
      },
      input: {
        type: 'object',
        required: ['salt', 'amount', 'marginBp'],
        properties: {
          salt: {
            type: 'string',
            minLength: 22,
            maxLength: 64,
          },
          amount: {
            type: 'integer',
            minimum: 1,
          },
          marginBp: {
            type: 'integer',
            minimum: 0,
            maximum: 5000,
          },
        },
      },
      when: [
        {
          code: 'NO_COMMITMENT',
          rule: 'me in state.commits',
        },
        {
          code: 'SEAL_BROKEN',
          rule: 'sealed(input.salt, me, string(input.amount) + "@" + string(input.marginBp)) == state.commits[me]',
        },
        {
          code: 'ALREADY_REVEALED',
          rule: '!(me in state.bids)',
        },
      ],
      do: [
        {
          set: 'bids[me]',
          to: '{"amount": input.amount, "marginBp": input.marginBp, "n": n}',
        },
      ],
    },
    allot: {
      title: 'Allot to best open bid',
      by: ['arranger', 'bank'],
      in: {
        main: 'award',
      },
      input: {
        type: 'object',
        required: ['bank'],
        properties: {
          bank: {
            type: 'string',
          },
        },
      },
      when: [
        {
          code: 'NO_SUCH_BID',
          rule: 'input.bank in state.bids && !(input.bank in state.award)',
        },
        {
          code: 'NOT_BEST',
          rule: 'keys(state.bids).all(k, k in state.award || k == input.bank || state.bids[k].marginBp > state.bids[input.bank].marginBp || (state.bids[k].marginBp == state.bids[input.bank].marginBp && state.bids[k].n > state.bids[input.bank].n))',
        },
        {
          code: 'COVERED',
          rule: 'state.left > 0',
        },
      ],
      do: [
        {
          set: 'award[input.bank]',
          to: 'state.bids[input.bank].amount < state.left ? state.bids[input.bank].amount : state.left',
        },
        {
          set: 'left',
          to: 'state.bids[input.bank].amount < state.left ? state.left - state.bids[input.bank].amount : 0',
        },
      ],
    },
    close: {
      by: ['arranger', 'bank'],
      in: {
        main: 'award',
      },
      when: [
        {
          code: 'NOT_COVERED',
          rule: 'state.left == 0',
        },
      ],
      to: {
        main: 'closed',
      },
    },
  },
  deadlines: {
    bidEnd: {
      track: 'main',
      stage: 'bidding',
      due: 'state.bidEnd',
      to: {
        main: 'reveal',
      },
    },
    revealEnd: {
      track: 'main',
      stage: 'reveal',
      due: 'state.revealEnd',
      to: {
        main: 'award',
      },
    },
    awardEnd: {
      track: 'main',
      stage: 'award',
      after: 'P1D',
      to: {
        main: 'failed',
      },
    },
  },
} as const
