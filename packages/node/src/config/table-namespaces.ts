import { flag, path, required, text, texts } from './leaves.ts'
import { isAbsent, list, optionalSection, type Spec, section } from './spec.ts'

const maybeFlag = (description: string): Spec<boolean | undefined> => {
  const inner = flag(false, description)
  return {
    read: (raw, place) => (isAbsent(raw) ? undefined : inner.read(raw, place)),
    describe: (path) => inner.describe(path).map((line) => ({ ...line, fallback: '(depends)' })),
  }
}

const contract = section(
  {
    location: section({
      address: required(
        'Address of the contract',
        'write the address that `concordat deploy` printed',
      ),
    }),
    firstEvent: text('oldest', 'Block to read from: `oldest`, `newest` or a number'),
    finalEvent: text(
      '',
      "Where the network left it, as a member's status says (`terminated[].info.finalEvent`); for a newcomer, who can't judge it yet",
    ),
  },
  { options: 'remove it' },
)

const namespace = section(
  {
    name: required('Name on this node', 'give each namespace a name'),
    description: text('', 'For people'),
    defaultKey: text('', "Key that signs when a request names none; else the organisation's"),
    plugins: {
      ...texts([], 'Names of the plugins it uses; left out: all that are defined'),
      read: (raw, place) => (isAbsent(raw) ? undefined : texts([], '').read(raw, place)),
    } satisfies Spec<readonly string[] | undefined>,
    processes: section({
      enabled: flag(
        true,
        'Judge the steps of processes; if not, they are messages like others, and can not be judged later',
      ),
      bindings: path(
        '',
        'YAML file of what is bound to steps of processes here: people, deciders, rules; read again when it changes',
      ),
    }),
    multiparty: optionalSection({
      enabled: maybeFlag(
        'Share this namespace with others; left out: yes, if an organisation is named',
      ),
      networkNamespace: text('', 'Its name in the network; left out: the same'),
      org: section({
        name: text('', 'Name of this organisation in the network'),
        description: text('', 'For people'),
        key: text('', "The organisation's signing key"),
      }),
      node: section({
        name: text('', 'Name of this node in the network'),
        description: text('', 'For people'),
      }),
      contract: list(contract),
    }),
  },
  {
    asset: 'remove it; tokens are not part of this version',
    tlsConfigs: 'remove it; name certificates where they are used',
    remoteName: 'use multiparty.networkNamespace',
  },
)

/** The worlds this node takes part in. */
export const namespacesTable = {
  namespaces: section(
    {
      default: text('default', 'Namespace of requests that name none'),
      predefined: list(namespace),
    },
    { retry: 'remove it' },
  ),
}
