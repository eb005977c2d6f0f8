import type { Place, SectionValue } from './spec.ts'
import type { engineTable } from './table-engine.ts'
import type { serverTable } from './table-server.ts'

type Table = SectionValue<typeof serverTable & typeof engineTable>

type Add = (path: string, problem: string, mend: string) => void
type Server = Pick<Table['http'], 'port' | 'tls' | 'auth'> & { readonly key: string }

/** Contradictions among the servers' keys and limits. */
export function checkServers(config: Table, { faults }: Place): void {
  const add: Add = (path, problem, mend) => {
    faults.push({ path, problem, mend })
  }
  checkLimits(config, add)
  const { http, spi, monitoring } = config
  const servers: Server[] = [{ key: 'http', ...http }]
  if (spi.enabled) servers.push({ key: 'spi', ...spi })
  if (monitoring.enabled) servers.push({ key: 'monitoring', ...monitoring })
  for (const [i, server] of servers.entries()) {
    checkServer(server, add)
    const { key, port } = server
    const other = servers.slice(0, i).find((before) => before.port === port && port !== 0)
    if (other !== undefined) add(`${key}.port`, `is that of ${other.key} too`, 'change one of them')
  }
}

function checkLimits({ api, event }: Table, add: Add): void {
  if (api.defaultFilterLimit > api.maxFilterLimit) {
    add('api.defaultFilterLimit', 'is more than api.maxFilterLimit', 'lower it')
  }
  if (api.requestTimeout > api.requestMaxTimeout) {
    add('api.requestTimeout', 'is more than api.requestMaxTimeout', 'lower it')
  }
  const { transports } = event
  if (!transports.enabled.includes(transports.default)) {
    const mend = 'add it there, or name another'
    add('event.transports.default', 'is not among event.transports.enabled', mend)
  }
}

function checkServer({ key, tls, auth }: Server, add: Add): void {
  if (tls.enabled && (tls.certFile === '' || tls.keyFile === '')) {
    add(`${key}.tls`, 'is enabled without a certificate', 'write certFile and keyFile')
  }
  if (tls.clientAuth && tls.caFile === '') {
    add(`${key}.tls.clientAuth`, 'has no authorities to check against', 'write caFile')
  }
  if (auth.type === 'basic' && auth.basic.passwordfile === '') {
    add(`${key}.auth.basic.passwordfile`, 'missing', 'write the path of an htpasswd file')
  }
}
