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

/** `Step "accept", when 2, rule`: the path as one says it. */
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

function partsOf(path: Path): string[] {
  const words: string[] = []
  for (const [i, part] of path.entries()) {
    const before = path[i - 1]
    if (typeof part === 'number') {
      const noun = typeof before === 'string' && Object.hasOwn(ENTRIES, before) && ENTRIES[before]
      const last = words.pop() ?? 'entry'
      words.push(`${noun || last} ${part + 1}`)
    } else if (part !== 'rule' || typeof before !== 'number') words.push(cut(part))
  }
  return words
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
