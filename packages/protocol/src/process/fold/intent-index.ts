/**
 * Which decision settled which intent. Adding shares all but one path of a tree with the index before, so that every
 * state of an instance has its own at little cost.
 */
export interface IntentIndex {
  readonly size: number
  get(author: string, intent: string): number | undefined
  /** The pair must be new. */
  add(author: string, intent: string, n: number): IntentIndex
  /** In no order that means anything. */
  entries(): Iterable<readonly [author: string, intent: string, n: number]>
}

const BITS = 5
const MASK = (1 << BITS) - 1
/** A leaf with more entries becomes a branch, unless all bits are used up. */
const LEAF_SIZE = 8

interface Entry {
  readonly key: string
  readonly hash: number
  readonly n: number
}
interface Leaf {
  readonly entries: readonly Entry[]
}
interface Branch {
  readonly children: readonly Node[]
}
type Node = Leaf | Branch

const emptyLeaf: Leaf = { entries: [] }

class Tree implements IntentIndex {
  readonly size: number
  readonly #root: Node

  constructor(root: Node, size: number) {
    this.#root = root
    this.size = size
  }

  get(author: string, intent: string): number | undefined {
    const key = keyOf(author, intent)
    const hash = hashOf(key)
    let node = this.#root
    for (let shift = 0; 'children' in node; shift += BITS) {
      node = node.children[(hash >>> shift) & MASK] ?? emptyLeaf
    }
    return node.entries.find((entry) => entry.hash === hash && entry.key === key)?.n
  }

  add(author: string, intent: string, n: number): IntentIndex {
    const key = keyOf(author, intent)
    return new Tree(insert(this.#root, { key, hash: hashOf(key), n }, 0), this.size + 1)
  }

  *entries(): Iterable<readonly [string, string, number]> {
    for (const { key, n } of walk(this.#root)) {
      const at = key.indexOf('\n')
      yield [key.slice(0, at), key.slice(at + 1), n]
    }
  }
}

/** The index without any. */
export const emptyIntents: IntentIndex = new Tree(emptyLeaf, 0)

/** No DID has a line break. */
const keyOf = (author: string, intent: string): string => `${author}\n${intent}`

/** FNV-1a over UTF-16 units. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function insert(node: Node, entry: Entry, shift: number): Node {
  if ('entries' in node) {
    const entries = [...node.entries, entry]
    if (entries.length <= LEAF_SIZE || shift > 30) return { entries }
    const none: Node = { children: Array.from({ length: MASK + 1 }, () => emptyLeaf) }
    return entries.reduce<Node>((branch, each) => insert(branch, each, shift), none)
  }
  const index = (entry.hash >>> shift) & MASK
  const child = insert(node.children[index] ?? emptyLeaf, entry, shift + BITS)
  return { children: node.children.with(index, child) }
}

function* walk(node: Node): Iterable<Entry> {
  if ('entries' in node) yield* node.entries
  else for (const child of node.children) yield* walk(child)
}
