import type { Place, Value } from './spec.ts'
import type { namespacesTable } from './table-namespaces.ts'

type Raw = Value<typeof namespacesTable.namespaces>
type RawNamespace = Raw['predefined'][number]

const kinds = ['database', 'blockchain', 'dataexchange', 'sharedstorage', 'auth'] as const
type Kind = (typeof kinds)[number]

/** The plugins there are, by kind. */
export type Names = Readonly<Record<Kind, readonly { readonly name: string }[]>>

export interface MultipartyConfig {
  readonly networkNamespace: string
  readonly org: { readonly name: string; readonly description: string; readonly key: string }
  readonly node: { readonly name: string; readonly description: string }
  /** In the order in which the network moved from one to the next. */
  readonly contract: readonly {
    readonly location: { readonly address: string }
    readonly firstEvent: string
    /** Where the network left it, if the operator knows; else ''. */
    readonly finalEvent: string
  }[]
}

export interface NamespaceConfig {
  /** Local name. */
  readonly name: string
  readonly description: string
  /** Signs when a request names no key; '' if there is none. */
  readonly defaultKey: string
  /** Names of the plugins it uses, by kind. */
  readonly plugins: Readonly<Partial<Record<Kind, string>>>
  /** File of what is bound to steps of processes; absent if there is none. */
  readonly bindings?: string
  /** False if steps of processes are not judged. */
  readonly processes: boolean
  /** Absent: a gateway, shared with nobody. */
  readonly multiparty?: MultipartyConfig
}

const nameForm = /^[0-9a-zA-Z]([0-9a-zA-Z._-]{0,62}[0-9a-zA-Z])?$/
const nameMend = 'use 1 to 64 letters, digits, "." "_" "-", with a letter or digit first and last'

/** Gives each namespace its plugins by kind, and finds what contradicts itself. */
export function resolveNamespaces(raw: Raw, plugins: Names, place: Place): NamespaceConfig[] {
  const add = (path: string, problem: string, mend: string): void => {
    place.faults.push({ path, problem, mend })
  }
  checkPluginNames(plugins, add)
  if (raw.predefined.length === 0)
    add('namespaces.predefined', 'no namespace is defined', 'add one')
  else if (!raw.predefined.some(({ name }) => name === raw.default)) {
    add('namespaces.default', 'is none of namespaces.predefined', 'name one of them')
  }
  const resolved = raw.predefined.map((namespace, i) => {
    const at = `namespaces.predefined[${i}]`
    checkName(namespace.name, `${at}.name`, add)
    return resolveNamespace(namespace, plugins, at, add)
  })
  for (const [i, { name, multiparty }] of resolved.entries()) {
    const before = resolved.slice(0, i)
    const at = `namespaces.predefined[${i}]`
    if (before.some((other) => other.name === name))
      add(`${at}.name`, 'is taken by another namespace', 'rename one')
    const network = multiparty?.networkNamespace
    if (
      network !== undefined &&
      before.some((other) => other.multiparty?.networkNamespace === network)
    ) {
      add(
        `${at}.multiparty.networkNamespace`,
        'is shared by another namespace of this node',
        'give each its own',
      )
    }
  }
  return resolved
}

type Add = (path: string, problem: string, mend: string) => void

function checkPluginNames(plugins: Names, add: Add): void {
  const seen = new Set<string>()
  for (const kind of kinds) {
    for (const [i, { name }] of plugins[kind].entries()) {
      if (name !== '' && seen.has(name))
        add(`plugins.${kind}[${i}].name`, 'is taken by another plugin', 'rename one')
      seen.add(name)
    }
  }
}

function checkName(name: string, path: string, add: Add): void {
  if (name === 'ff_system') add(path, 'is reserved', 'use another name')
  else if (name !== '' && !nameForm.test(name)) add(path, 'is not a name', nameMend)
}

function resolveNamespace(
  raw: RawNamespace,
  plugins: Names,
  at: string,
  add: Add,
): NamespaceConfig {
  const { name, description, defaultKey } = raw
  const used = resolvePlugins(raw.plugins, plugins, `${at}.plugins`, add)
  const multiparty = resolveMultiparty(raw, used, `${at}.multiparty`, add)
  const { bindings, enabled } = raw.processes
  const base = {
    name,
    description,
    defaultKey,
    plugins: used,
    processes: enabled,
    ...(bindings !== '' && { bindings }),
  }
  return multiparty === undefined ? base : { ...base, multiparty }
}

/** The plugins a namespace uses. One that names none uses all, so there must be one of a kind. */
function resolvePlugins(
  names: readonly string[] | undefined,
  plugins: Names,
  at: string,
  add: Add,
): NamespaceConfig['plugins'] {
  const used: Partial<Record<Kind, string>> = {}
  const all = kinds.flatMap((kind) => plugins[kind].map(({ name }) => ({ kind, name })))
  // One database serves every namespace, whether named or not.
  const database = plugins.database[0]
  if (database !== undefined) used.database = database.name
  for (const name of names ?? all.map((plugin) => plugin.name)) {
    const found = all.find((plugin) => plugin.name === name)
    if (found === undefined)
      add(
        at,
        `plugin "${name}" is not defined`,
        `define it under plugins; there are: ${all.map((plugin) => plugin.name).join(', ')}`,
      )
    else if (used[found.kind] !== undefined && used[found.kind] !== name) {
      add(
        at,
        `more than one ${found.kind} plugin: ${used[found.kind]}, ${name}`,
        'name one of them',
      )
    } else used[found.kind] = name
  }
  return used
}

function resolveMultiparty(
  { name, defaultKey, multiparty: raw }: RawNamespace,
  used: NamespaceConfig['plugins'],
  at: string,
  add: Add,
): MultipartyConfig | undefined {
  if (raw === undefined) return undefined
  if (!(raw.enabled ?? (raw.org.name !== '' || raw.org.key !== ''))) return undefined
  for (const kind of ['blockchain', 'dataexchange', 'sharedstorage'] as const) {
    if (used[kind] === undefined)
      add(
        at,
        `is enabled without a ${kind} plugin`,
        `define one under plugins.${kind} and name it in the namespace's plugins`,
      )
  }
  const named: [string, string][] = [
    ['org.name', raw.org.name],
    ['node.name', raw.node.name],
  ]
  for (const [key, value] of named) {
    if (value === '') add(`${at}.${key}`, 'missing', 'a shared namespace needs it')
    checkName(value, `${at}.${key}`, add)
  }
  if (raw.org.key === '' && defaultKey === '')
    add(`${at}.org.key`, 'missing', "write the organisation's signing key")
  if (raw.contract.length === 0)
    add(
      `${at}.contract`,
      'missing',
      'write the contract that the network uses; `concordat deploy` makes one',
    )
  checkName(raw.networkNamespace, `${at}.networkNamespace`, add)
  return {
    networkNamespace: raw.networkNamespace || name,
    org: { ...raw.org, key: raw.org.key || defaultKey },
    node: raw.node,
    contract: raw.contract,
  }
}
