import type { Route } from '@concordat/protocol/routes'

type Values = Readonly<Record<string, unknown>>
interface Parts {
  readonly params?: Values | undefined
  readonly query?: Values | undefined
}

/** Where an operation is found: below a namespace, or not. */
export function toUrl(
  base: string,
  route: Pick<Route, 'path' | 'global'>,
  namespace: string,
  { params = {}, query = {} }: Parts,
): string {
  const root = route.global ? '/api/v1' : `/api/v1/namespaces/${encodeURIComponent(namespace)}`
  const search = toQuery(query)
  return `${base}${root}${toPath(route.path, params)}${search === '' ? '' : `?${search}`}`
}

/** A last `:name*` takes the rest of the path, with its slashes. */
function toPath(path: string, params: Values): string {
  return path.replace(/:(\w+)(\*?)/g, (_, name: string, rest: string) => {
    const value = String(params[name] ?? '')
    // An empty segment would be another operation.
    if (value === '') throw new TypeError(`The call has no '${name}'`)
    return rest === ''
      ? encodeURIComponent(value)
      : value.split('/').map(encodeURIComponent).join('/')
  })
}

function toQuery(query: Values): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [name, String(one)]),
  )
  return new URLSearchParams(pairs).toString()
}
