/** Keys and indexes from the top of the document. */
export type Path = readonly (string | number)[]

const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$-]*$/
const MAX_SHOWN = 60

/** Text of the document as shown to a reader: quoted, and cut if it is long. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value))
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** `$.steps.accept.when[1].rule` */
export function pathText(path: Path): string {
  let text = '$'
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += PLAIN_KEY.test(part) && part.length <= MAX_SHOWN ? `.${part}` : `[${quote(part)}]`
  }
  return text
}

const NOUNS: Readonly<Record<string, string>> = {
  roles: 'Role',
  state: 'Field',
  stages: 'Track',
  steps: 'Step',
  deadlines: 'Deadline',
  calendars: 'Calendar',
  children: 'Child',
}

/** Whether what is below this key has names that its author gave. */
export const isSection = (key: string | number | undefined): boolean =>
  typeof key === 'string' && Object.hasOwn(NOUNS, key)

/** `Step "accept", rule 2`: the path as one says it. */
export function describePlace(path: Path): string {
  const [first, second, ...rest] = path
  if (first === undefined) return 'The definition'
  if (typeof first !== 'string') return `Entry ${first + 1}`
  const noun = Object.hasOwn(NOUNS, first) ? NOUNS[first] : undefined
  if (noun === undefined || typeof second !== 'string') {
    return [`"${cut(first)}"`, ...(second === undefined ? [] : partsOf([second, ...rest]))].join(
      ', ',
    )
  }
  return [`${noun} "${cut(second)}"`, ...partsOf(rest)].join(', ')
}

/** Of one entry of a list. */
const ENTRIES: Readonly<Record<string, string>> = {
  when: 'rule',
  do: 'assignment',
  effects: 'effect',
  values: 'stage',
}

function partsOf([part, next, ...rest]: Path): string[] {
  if (part === undefined) return []
  const more = next === undefined ? [] : [next, ...rest]
  if (typeof part === 'number') return [`entry ${part + 1}`, ...partsOf(more)]
  const noun = Object.hasOwn(ENTRIES, part) ? ENTRIES[part] : undefined
  if (next === undefined || (noun === undefined && typeof next === 'string')) {
    return [cut(part), ...partsOf(more)]
  }
  const entry = `${noun ?? cut(part)} ${typeof next === 'number' ? next + 1 : cut(next)}`
  // A rule's rule goes without saying.
  return [entry, ...partsOf(noun === 'rule' && rest[0] === 'rule' ? rest.slice(1) : rest)]
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
