import { byteSize, decimal, duration, text, texts, whole } from './leaves.ts'
import { section } from './spec.ts'

const retry = (init: string, max: string) =>
  section({
    initDelay: duration(init, 'Pause after the first failure'),
    maxDelay: duration(max, 'The longest pause'),
    factor: decimal(2, [1, 10], 'How much longer each pause is than the last'),
  })

const batch = (what: string) =>
  section({
    size: whole(200, [1, 10_000], `Messages in a ${what} batch at most`),
    timeout: duration(
      '1s',
      'How long a batch may wait to fill up while others are on their way; an idle node sends at once',
    ),
    payloadLimit: byteSize('800Kb', 'Bytes in a batch at most'),
    agentTimeout: duration('2m', 'How long an idle assembler of one author and group is kept'),
  })

/** Sending, agreeing and delivering. */
export const engineTable = {
  batch: section({
    manager: section(
      {
        readPageSize: whole(100, [1, 10_000], 'Messages read at once for assembly'),
        pollTimeout: duration('30s', 'How often to look for messages without being told'),
      },
      { minimumPollDelay: 'remove it' },
    ),
    inFlight: whole(16, [1, 256], 'Batches of one author and group under way at once'),
    retry: retry('250ms', '30s'),
  }),
  broadcast: section({ batch: batch('broadcast') }),
  privatemessaging: section({ batch: batch('private'), retry: retry('100ms', '30s') }),
  event: section(
    {
      aggregator: section(
        {
          firstEvent: text(
            'oldest',
            'Where reading begins on a new database: `oldest`, `newest` or a number',
          ),
          batchSize: whole(200, [1, 10_000], 'Pins decided at once'),
          pollTimeout: duration('30s', 'How often to look for pins without being told'),
          retry: retry('100ms', '30s'),
        },
        {
          batchTimeout: 'remove it; pins are decided at once',
          rewindTimeout: 'remove it',
          rewindQueueLength: 'remove it',
          rewindQueryLimit: 'remove it',
        },
      ),
      dispatcher: section(
        {
          bufferLength: whole(5, [1, 10_000], 'Events read ahead for one subscription'),
          pollTimeout: duration('30s', 'How often to look for events without being told'),
        },
        { batchTimeout: 'remove it; use subscription.defaults.batchTimeout' },
      ),
      transports: section({
        default: text('websockets', 'Transport of a subscription that names none'),
        enabled: texts(['websockets', 'webhooks'], 'Transports that subscriptions may use'),
      }),
    },
    { dbevents: 'remove it' },
  ),
  events: section({
    webhooks: section({
      allowedRanges: texts(
        [],
        'Addresses inside the house that webhooks may call: `loopback`, `private`, `link-local`, or ranges such as `10.1.0.0/16`',
      ),
      requestTimeout: duration('30s', 'How long a target may take to answer'),
      retryFor: duration(
        '24h',
        'How long a target that does not answer is tried before its subscription pauses',
      ),
    }),
  }),
  subscription: section(
    {
      max: whole(500, [1, 100_000], 'Subscriptions in a namespace'),
      defaults: section({
        batchSize: whole(
          50,
          [1, 10_000],
          'Events in a batch delivered, unless the subscription says',
        ),
        batchTimeout: duration('50ms', 'How long such a batch may wait to fill up'),
      }),
      retry: retry('250ms', '30s'),
    },
    { events: 'remove it' },
  ),
  download: section({
    worker: section({ count: whole(10, [1, 256], 'Payloads fetched at once') }),
    retry: section({
      maxAttempts: whole(100, [1, 1_000_000], 'Attempts before a fetch counts as failed'),
      initialDelay: duration('100ms', 'Pause after the first failure'),
      maxDelay: duration('1m', 'The longest pause'),
      factor: decimal(2, [1, 10], 'How much longer each pause is than the last'),
    }),
  }),
}
