/** Five parties, two tracks; silence is consent; each party joins. */
export const letterOfCredit = {
  flow: 'flow/1',
  govern: {
    consent: 'each',
    clock: 'block',
  },
  name: 'letter-of-credit',
  version: '1.0.0',
  roles: {
    applicant: {
      one: true,
    },
    issuer: {
      one: true,
    },
    advising: {
      one: true,
    },
    beneficiary: {
      one: true,
    },
    carrier: {
      one: true,
    },
  },
  state: {
    amount: {
      schema: {
        type: 'string',
        format: 'decimal',
      },
    },
    expiry: {
      schema: {
        type: 'integer',
      },
    },
    lastShip: {
      schema: {
        type: 'integer',
      },
    },
    docsRequired: {
      schema: {
        type: 'array',
        items: {
          type: 'string',
        },
      },
    },
    shipped: {
      schema: {
        type: 'integer',
      },
      default: 0,
    },
    docs: {
      schema: {
        type: 'object',
      },
      default: {},
    },
    presentedAt: {
      schema: {
        type: 'integer',
      },
      default: 0,
    },
    discrepancies: {
      schema: {
        type: 'array',
      },
      default: [],
    },
  },
  stages: {
    credit: {
      initial: 'draft',
      values: [
        'draft',
        'issued',
        'advised',
        'presented',
        'refused',
        'honoured',
        'closed',
        'expired',
      ],
      final: ['closed', 'expired'],
    },
    goods: {
      initial: 'ready',
      values: ['ready', 'shipped', 'released'],
      final: ['ready', 'shipped', 'released'],
    },
  },
  steps: {
    issue: {
      by: ['issuer'],
      in: {
        credit: 'draft',
      },
      input: {
        type: 'object',
        required: ['amount', 'expiry', 'lastShip', 'docsRequired'],
        properties: {
          amount: {
            type: 'string',
            format: 'decimal',
          },
          expiry: {
            type: 'integer',
          },
          lastShip: {
            type: 'integer',
          },
          docsRequired: {
            type: 'array',
            items: {
              type: 'string',
            },
            minItems: 1,
            maxItems: 12,
          },
        },
      },
      when: [
        {
          code: 'DATES',
          rule: 'input.lastShip <= input.expiry && now < input.lastShip',
        },
      ],
      do: [
        {
          set: 'amount',
          to: 'input.amount',
        },
        {
          set: 'expiry',
          to: 'input.expiry',
        },
        {
          set: 'lastShip',
          to: 'input.lastShip',
        },
        {
          set: 'docsRequired',
          to: 'input.docsRequired',
        },
      ],
      to: {
        credit: 'issued',
      },
    },
    advise: {
      by: ['advising'],
      in: {
        credit: 'issued',
      },
      to: {
        credit: 'advised',
      },
    },
    ship: {
      by: ['carrier'],
      in: {
        credit: 'advised',
        goods: 'ready',
      },
      input: {
        type: 'object',
        required: ['blHash'],
        properties: {
          blHash: {
            type: 'string',
            minLength: 64,
            maxLength: 64,
          },
        },
      },
      when: [
        {
          code: 'LATE_SHIPMENT',
          rule: 'now <= state.lastShip',
        },
      ],
      do: [
        {
          set: 'shipped',
          to: 'now',
        },
        {
          set: 'docs["bill_of_lading"]',
          to: 'input.blHash',
        },
      ],
      to: {
        goods: 'shipped',
      },
    },
    lodge: {
      title: 'Lodge document',
      by: ['beneficiary'],
      in: {
        credit: ['advised', 'refused'],
      },
      input: {
        type: 'object',
        required: ['kind', 'hash'],
        properties: {
          kind: {
            type: 'string',
            maxLength: 40,
          },
          hash: {
            type: 'string',
            minLength: 64,
            maxLength: 64,
          },
        },
      },
      when: [
        {
          code: 'NOT_REQUIRED',
          rule: 'input.kind in state.docsRequired',
        },
        {
          code: 'CARRIER_ISSUES_BL',
          rule: 'input.kind != "bill_of_lading"',
        },
      ],
      do: [
        {
          set: 'docs[input.kind]',
          to: 'input.hash',
        },
      ],
    },
    present: {
      title: 'Present documents',
      by: ['beneficiary'],
      in: {
        credit: ['advised', 'refused'],
        goods: 'shipped',
      },
      when: [
        {
          code: 'EXPIRED',
          rule: 'now <= state.expiry',
        },
        {
          code: 'LATE_PRESENTATION',
          rule: 'now <= state.shipped + duration("P21D")',
        },
        {
          code: 'DOCS_MISSING',
          rule: 'state.docsRequired.all(d, d in state.docs)',
        },
      ],
      do: [
        {
          set: 'presentedAt',
          to: 'now',
        },
        {
          set: 'discrepancies',
          to: '[]',
        },
      ],
      to: {
        credit: 'presented',
      },
    },
    refuse: {
      title: 'Refuse with discrepancies',
      task: {
        priority: 'high',
        remind: ['P3D'],
        candidateHint: 'trade-ops',
      },
      by: ['issuer'],
      in: {
        credit: 'presented',
      },
      input: {
        type: 'object',
        required: ['list'],
        properties: {
          list: {
            type: 'array',
            minItems: 1,
            maxItems: 20,
            items: {
              type: 'string',
              maxLength: 200,
            },
          },
        },
      },
      do: [
        {
          set: 'discrepancies',
          to: 'input.list',
        },
      ],
      to: {
        credit: 'refused',
      },
    },
    waive: {
      title: 'Waive discrepancies',
      by: ['applicant'],
      in: {
        credit: 'refused',
      },
      to: {
        credit: 'honoured',
      },
    },
    honour: {
      by: ['issuer'],
      in: {
        credit: 'presented',
      },
      to: {
        credit: 'honoured',
      },
      effects: [
        {
          id: 'notice',
          kind: 'message.private',
          by: 'issuer',
          with: {
            value: '{"pay": state.amount, "to": parties.beneficiary[0]}',
            tag: '"payment"',
          },
        },
      ],
      output: {
        amount: 'state.amount',
        docs: 'keys(state.docs)',
      },
    },
    settled: {
      title: 'Report the payment',
      auto: true,
      by: ['issuer'],
      in: {
        credit: 'honoured',
      },
      result: 'notice',
      input: {
        type: 'object',
        required: ['ref'],
        properties: {
          ref: {
            type: 'string',
            maxLength: 80,
          },
          failed: {
            type: 'boolean',
          },
        },
      },
      to: {
        credit: 'closed',
        goods: 'released',
      },
    },
  },
  deadlines: {
    examination: {
      track: 'credit',
      stage: 'presented',
      after: 'P5D',
      to: {
        credit: 'honoured',
      },
    },
    expiry: {
      track: 'credit',
      stage: ['advised', 'refused'],
      due: 'state.expiry',
      to: {
        credit: 'expired',
      },
    },
  },
} as const
