import { createHmac } from 'node:crypto'
import { NodeError } from '@concordat/protocol'
import { compare } from 'bcryptjs'
import type { World } from '../lib/world.ts'

/** Users of a password file: name to bcrypt hash. */
export type Users = ReadonlyMap<string, string>

export interface AuthOptions {
  /** Who may use this server at all; undefined: everyone. */
  readonly server?: Users | undefined
  /** Who may use a namespace; a namespace without an entry is open to whoever may use the server. */
  readonly namespaces: ReadonlyMap<string, Users>
}

/** Decides by HTTP Basic credentials. */
export interface Auth {
  /**
   * Throws, or rejects with, FF00169 (not signed in) or FF00170 (signed in, but not for this namespace). Undefined when
   * the answer is yes at once. Without a namespace only the server's own users are asked for.
   */
  check(authorization: string | undefined, namespace: string | undefined): Promise<void> | undefined
  /** The user of a request that `check` let pass; undefined where nobody has to sign in. */
  userOf(authorization: string | undefined, namespace: string | undefined): string | undefined
}

/** How long a verified password is remembered, in milliseconds: bcrypt is slow on purpose. */
const REMEMBER_MS = 60_000
const REMEMBER_MAX = 1000
/** Comparisons at once; more wait. */
const COMPARE_AT_ONCE = 2
const COMPARE_WAITING = 64
/** Compared with when there is no such user, so that a guess takes the same time either way. */
const NOBODY = '$2b$10$XlQ3ziE0Yp8U3ZMVhgd1Du0TqVHNvgyxrDDVvpIhr8MuM8W6LdQZm'

export function createAuth(options: AuthOptions, world: Pick<World, 'now' | 'random'>): Auth {
  const { server, namespaces } = options
  if (!server && namespaces.size === 0) return { check: () => undefined, userOf: () => undefined }
  const all = [...(server ? [server] : []), ...namespaces.values()]
  const verify = createVerifier(world)

  const decide = async (credentials: Credentials, asked: readonly Users[]): Promise<void> => {
    for (const users of asked) {
      if (await verify(credentials, users)) continue
      for (const others of all) {
        if (others !== users && others.has(credentials.user) && (await verify(credentials, others)))
          throw new NodeError('FF00170')
      }
      throw new NodeError('FF00169')
    }
  }

  const askedFor = (namespace: string | undefined): Users[] => {
    const own = namespace === undefined ? undefined : namespaces.get(namespace)
    return [...(server ? [server] : []), ...(own ? [own] : [])]
  }

  return {
    userOf: (authorization, namespace) =>
      askedFor(namespace).length === 0 ? undefined : parseBasic(authorization)?.user,
    check(authorization, namespace) {
      const asked = askedFor(namespace)
      if (asked.length === 0) return undefined
      const credentials = parseBasic(authorization)
      if (!credentials) throw new NodeError('FF00169')
      if (asked.every((users) => verify.remembers(credentials, users))) return undefined
      return decide(credentials, asked)
    },
  }
}

interface Credentials {
  readonly user: string
  readonly password: string
}

/** User and password; the password may hold colons. */
function parseBasic(authorization: string | undefined): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const cut = text.indexOf(':')
  return cut === -1 ? undefined : { user: text.slice(0, cut), password: text.slice(cut + 1) }
}

interface Verifier {
  (credentials: Credentials, users: Users): Promise<boolean>
  remembers(credentials: Credentials, users: Users): boolean
}

/** Compares by bcrypt, few at a time, and remembers for a while what was right; never the password itself. */
function createVerifier(world: Pick<World, 'now' | 'random'>): Verifier {
  const secret = world.random(32)
  const right = new Map<string, number>()
  const room = createRoom(COMPARE_AT_ONCE, COMPARE_WAITING)
  // The hash is part of the key: a changed password file forgets by itself.
  const keyOf = ({ user, password }: Credentials, users: Users): string =>
    createHmac('sha256', secret)
      .update(JSON.stringify([user, password, users.get(user)]))
      .digest('base64')

  const remembers = (credentials: Credentials, users: Users): boolean => {
    if (!users.has(credentials.user)) return false
    const until = right.get(keyOf(credentials, users))
    return until !== undefined && until > world.now()
  }
  const remember = (key: string): void => {
    right.delete(key)
    right.set(key, world.now() + REMEMBER_MS)
    const [oldest] = right.keys()
    if (right.size > REMEMBER_MAX && oldest !== undefined) right.delete(oldest)
  }
  const verify = async (credentials: Credentials, users: Users): Promise<boolean> => {
    if (remembers(credentials, users)) return true
    const hash = users.get(credentials.user)
    const same = await room(() => compare(credentials.password, hash ?? NOBODY))
    if (!same || hash === undefined) return false
    remember(keyOf(credentials, users))
    return true
  }
  return Object.assign(verify, { remembers })
}

/** Runs few at a time; beyond `maxWaiting` throws CC20501. */
function createRoom(atOnce: number, maxWaiting: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= maxWaiting) throw new NodeError('CC20501')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

/** Reads `user:bcrypt-hash` lines, as `htpasswd -B` writes them; throws CC20401 naming the line that isn't one. */
export function parseUsers(text: string, file: string): Users {
  const users = new Map<string, string>()
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const cut = trimmed.indexOf(':')
    const hash = trimmed.slice(cut + 1)
    if (cut < 1 || !/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash))
      throw new NodeError('CC20401', { faults: `${file}, line ${i + 1}: not user:bcrypt-hash` })
    users.set(trimmed.slice(0, cut), hash)
  }
  return users
}
