import { byteSize, duration, text, texts, whole } from './leaves.ts'
import { section } from './spec.ts'

const alone = 'remove it; retries pause from 100 ms to 30 s by themselves'
const told = 'remove it; work is begun when there is some'

/** Sending, agreeing and delivering. */
export const engineTable = {
  batch: section(
    { inFlight: whole(16, [1, 256], 'Batches of one author and group under way at once') },
    { manager: told, retry: alone },
  ),
  broadcast: section({
    batch: section(
      {
        size: whole(200, [1, 10_000], 'Messages in a batch at most, private ones too'),
        timeout: duration(
          '1s',
          'How long a batch may wait to fill up, 100 ms at most; an idle node sends at once',
        ),
        payloadLimit: byteSize('800Kb', 'Bytes in a batch at most'),
      },
      { agentTimeout: 'remove it' },
    ),
  }),
  privatemessaging: section(
    {
      batch: section(
        { payloadLimit: byteSize('800Kb', 'Bytes of a private message at most') },
        {
          size: 'remove it; broadcast.batch.size counts',
          timeout: 'remove it; broadcast.batch.timeout counts',
          agentTimeout: 'remove it',
        },
      ),
    },
    { retry: alone },
  ),
  event: section(
    {
      transports: section({
        default: text('websockets', 'Transport of a subscription that names none'),
        enabled: texts(['websockets', 'webhooks'], 'Transports that subscriptions may use'),
      }),
    },
    {
      aggregator: told,
      dispatcher: 'remove it; use `readAhead` of the subscription',
      dbevents: 'remove it',
    },
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
    },
    { retry: alone, events: 'remove it' },
  ),
}
