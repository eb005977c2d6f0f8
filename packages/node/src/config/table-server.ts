import { byteSize, choice, duration, flag, path, port, text, texts, whole } from './leaves.ts'
import { section } from './spec.ts'

const tls = section({
  enabled: flag(false, 'Serve HTTPS'),
  caFile: path('', "PEM of the authorities that callers' certificates are checked against"),
  certFile: path('', "PEM of the server's certificate and its chain"),
  keyFile: path('', "PEM of the server's private key"),
  clientAuth: flag(
    false,
    'Refuse callers without a certificate by one of the authorities in `caFile`',
  ),
})

const auth = section({
  type: choice(['', 'basic'], '', 'How callers prove who they are; empty: not at all'),
  basic: section({
    passwordfile: path('', 'File of `user:bcrypt-hash` lines, as `htpasswd -B` writes it'),
  }),
})

const server = (address: string, number: number, what: string) => ({
  address: text(address, `Address that ${what} listens on`),
  port: port(number, `Port that ${what} listens on; 0: a free one`),
  publicURL: text('', `How callers reach ${what} from outside, for links and documents`),
  tls,
  auth,
})

/** The servers, and what they answer. */
export const serverTable = {
  http: section(
    {
      ...server('127.0.0.1', 5000, 'the API'),
      shutdownTimeout: duration(
        '10s',
        'How long open requests may take to end when the node stops',
      ),
    },
    {
      readTimeout: 'remove it; use api.requestMaxTimeout',
      writeTimeout: 'remove it; use api.requestMaxTimeout',
    },
  ),
  spi: section({
    enabled: flag(false, 'Serve the administrative interface, on a port of its own'),
    ...server('127.0.0.1', 5001, 'the administrative interface'),
    ws: section({
      eventQueueLength: whole(250, [1, 100_000], 'Change events that may wait for one WebSocket'),
    }),
  }),
  monitoring: section({
    enabled: flag(
      false,
      'Serve metrics and health on a port of their own, besides that of the API',
    ),
    ...server('127.0.0.1', 6000, 'monitoring'),
    metricsPath: text('/metrics', 'Path of the metrics'),
  }),
  api: section({
    defaultFilterLimit: whole(25, [1, 1_000_000], 'Entries in a list when the query does not say'),
    maxFilterLimit: whole(1000, [1, 1_000_000], 'Entries a query may ask for'),
    requestTimeout: duration('120s', 'How long a request may take, unless it says so itself'),
    requestMaxTimeout: duration(
      '10m',
      'The most a request may ask for in its `Request-Timeout` header',
    ),
    passthroughHeaders: texts([], 'Request headers handed on to plugins'),
    dynamicPublicURLHeader: text('', 'Header in which a proxy tells the public URL'),
    maxBodySize: byteSize('8Mb', 'The largest JSON body taken'),
    maxBlobSize: byteSize('8Gb', 'The largest blob taken'),
  }),
  cors: section(
    {
      enabled: flag(false, 'Let web pages of other origins call the API'),
      origins: texts(['*'], 'Origins that may'),
      methods: texts(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], 'Methods they may use'),
      headers: texts(['*'], 'Headers they may send'),
      credentials: flag(true, 'Whether they may send credentials'),
      maxAge: duration('600s', 'How long a browser may remember this'),
    },
    { debug: 'remove it' },
  ),
  log: section(
    {
      level: choice(['debug', 'info', 'warn', 'error'], 'info', 'The least that is logged'),
      filename: path('', 'File to log to instead of the standard output'),
    },
    {
      json: 'remove it; lines are always JSON',
      forceColor: 'remove it',
      noColor: 'remove it',
      utc: 'remove it; times are always UTC',
      timeFormat: 'remove it',
      includeCodeInfo: 'remove it',
      compress: 'remove it; leave rotation to the system',
      maxAge: 'remove it; leave rotation to the system',
      maxBackups: 'remove it; leave rotation to the system',
      maxSize: 'remove it; leave rotation to the system',
    },
  ),
  histograms: section({
    maxChartRows: whole(100, [1, 10_000], 'Rows looked at for one bar of a chart'),
  }),
}
