import { parseDuration } from '@concordat/protocol'
import { parseIsoDuration, type Rule } from '@concordat/protocol/process'
import { ruleReader } from './binding-rule.ts'
import { flag, required, text } from './leaves.ts'
import { type LinkBinding, readLinks } from './link-bindings.ts'
import { entriesOf, fault, isAbsent, list, type Place, type Spec, section, within } from './spec.ts'
import { readSyncs, type SyncBinding } from './sync-bindings.ts'

/** People by group, and what this node does by itself in processes: private to it, never sent. */
export interface Bindings {
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>
  readonly flows: readonly FlowBinding[]
}

/** What is bound to the steps of a definition. */
export interface FlowBinding {
  readonly name: string
  /** `1` is any version that begins with `1.`; '' is any at all. */
  readonly version: string
  /** By step, as `deciders`. */
  readonly tasks: ReadonlyMap<string, TaskBinding>
  readonly deciders: ReadonlyMap<string, DeciderBinding>
  /** The first that holds decides. */
  readonly rules: readonly LocalRule[]
  readonly links: readonly LinkBinding[]
  readonly syncs: readonly SyncBinding[]
}

/** Whose task it is. */
export type Assignment =
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'person'; readonly person: string }

export interface TaskBinding {
  readonly assign?: Assignment | undefined
  readonly escalate?: { readonly afterMs: number; readonly to: Assignment } | undefined
  /** How long before it is due people are reminded, in milliseconds. */
  readonly remindMs: readonly number[]
  /** JSON text. */
  readonly form?: string | undefined
  readonly fourEyes: boolean
}

/** A program that is asked over HTTP. */
export interface DeciderBinding {
  readonly webhook: string
  /** How long it has for an answer; then the task is left to people. */
  readonly timeoutMs: number
  /** `whsec_` and base64; '' for none. */
  readonly secret: string
}

export interface LocalRule {
  readonly when: Rule
  readonly do: string
  /** The step's input, by property. */
  readonly input: ReadonlyMap<string, Rule>
}

export const noBindings: Bindings = { groups: new Map(), flows: [] }

/** Reads a form that lies beside the file. Throws if there is none. */
export type ReadForm = (path: string) => string

/** Reads a parsed file of bindings; what is wrong with it goes to the faults of `place`. */
export function readBindings(raw: unknown, place: Place, readForm: ReadForm): Bindings {
  const groups = new Map<string, ReadonlySet<string>>()
  const flows: FlowBinding[] = []
  for (const [key, value] of entriesOf(raw, place)) {
    const here = within(place, key)
    if (key === 'groups') {
      for (const [group, members] of entriesOf(value, here))
        groups.set(group, new Set(people.read(members, within(here, group))))
    } else flows.push(readFlow(key, value, here, readForm))
  }
  checkGroups(flows, groups, place)
  return { groups, flows: flows.sort((a, b) => b.version.length - a.version.length) }
}

const people: Spec<readonly string[]> = list(text('', 'A person'))

function readFlow(key: string, raw: unknown, place: Place, readForm: ReadForm): FlowBinding {
  const [name = '', version = ''] = key.split('@')
  const { tasks, deciders, rules, links, sync } = flow.read(raw, place)
  return {
    name,
    version,
    tasks: tableOf(tasks, within(place, 'tasks'), (value, at) => readTask(value, at, readForm)),
    deciders: tableOf(deciders, within(place, 'deciders'), readDecider),
    rules,
    links: readLinks(links, within(place, 'links')),
    syncs: readSyncs(sync, within(place, 'sync')),
  }
}

const anything: Spec<unknown> = { read: (raw) => raw, describe: () => [] }

function tableOf<T>(
  raw: unknown,
  place: Place,
  read: (raw: unknown, place: Place) => T,
): ReadonlyMap<string, T> {
  return new Map(
    entriesOf(raw, place).map(([key, value]) => [key, read(value, within(place, key))]),
  )
}

const localRule: Spec<LocalRule> = {
  read(raw, place) {
    const fields = section({
      when: required('When it decides', 'write the condition'),
      do: required('The step', 'name the step that is taken'),
      input: anything,
    }).read(raw, place)
    const rule = (value: unknown, at: Place): Rule => readRule(`${value}`, at)
    return {
      when: readRule(fields.when, within(place, 'when')),
      do: fields.do,
      input: tableOf(fields.input, within(place, 'input'), rule),
    }
  },
  describe: () => [],
}

const flow = section({
  tasks: anything,
  deciders: anything,
  rules: list(localRule),
  sync: anything,
  links: anything,
})

/** What a local rule may ask about. */
const readRule = ruleReader('state stage me role parties now n deadline op count', {
  text: 'false',
  reads: [],
  evaluate: () => false,
})

function readTask(raw: unknown, place: Place, readForm: ReadForm): TaskBinding {
  const fields = section({
    assign: anything,
    escalate: anything,
    remind: list(text('', 'How long before it is due')),
    form: text('', 'A JSON file'),
    fourEyes: flag(false, 'A second person has to agree'),
  }).read(raw, place)
  const form = fields.form && readJson(fields.form, within(place, 'form'), readForm)
  return {
    assign: readAssignment(fields.assign, within(place, 'assign')),
    escalate: readEscalation(fields.escalate, within(place, 'escalate')),
    remindMs: fields.remind.map((time) => readDuration(time, within(place, 'remind'))),
    form: form || undefined,
    fourEyes: fields.fourEyes,
  }
}

function readEscalation(raw: unknown, place: Place): TaskBinding['escalate'] {
  if (isAbsent(raw)) return undefined
  const { after, to } = section({
    after: required('How long people have', 'write a duration such as PT8H'),
    to: anything,
  }).read(raw, place)
  const assignment = readAssignment(to, within(place, 'to'))
  if (!assignment) fault(within(place, 'to'), 'missing', 'name a person, or `group:` and a group')
  const afterMs = readDuration(after, within(place, 'after'))
  return assignment && { afterMs, to: assignment }
}

/** `ann`, `group:managers`, `{ group: managers }` or `{ person: ann }`. */
function readAssignment(raw: unknown, place: Place): Assignment | undefined {
  if (isAbsent(raw)) return undefined
  if (typeof raw === 'string') return assignmentOf(raw)
  const { group, person } = section({
    group: text('', 'A group'),
    person: text('', 'A person'),
  }).read(raw, place)
  if ((group === '') === (person === '')) {
    fault(place, 'names neither or both', 'write either group or person')
    return undefined
  }
  return group === '' ? { kind: 'person', person } : { kind: 'group', group }
}

/** A person, or `group:` and the name of a group. */
export const assignmentOf = (written: string): Assignment =>
  written.startsWith('group:')
    ? { kind: 'group', group: written.slice('group:'.length) }
    : { kind: 'person', person: written }

function readDecider(raw: unknown, place: Place): DeciderBinding {
  const { webhook, timeout, secret, onTimeout } = section({
    webhook: required('Where it is asked', 'write its URL'),
    timeout: text('10s', 'How long it has'),
    secret: text('', 'Signs the requests'),
    onTimeout: text('human', 'Who decides then'),
  }).read(raw, place)
  if (webhook !== '' && !isHttp(webhook))
    fault(within(place, 'webhook'), 'is no URL', 'write one that begins with http:// or https://')
  if (secret !== '' && !/^whsec_[A-Za-z0-9+/]{22,172}={0,2}$/.test(secret))
    fault(within(place, 'secret'), 'is no secret', 'write "whsec_" and 16 to 128 bytes in base64')
  if (onTimeout !== 'human')
    fault(within(place, 'onTimeout'), 'is unknown', 'write "human", or remove it')
  return { webhook, timeoutMs: readDuration(timeout, within(place, 'timeout')), secret }
}

const isHttp = (url: string): boolean =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

function readDuration(written: string, place: Place): number {
  try {
    return written.startsWith('P')
      ? Number(parseIsoDuration(written)) * 1000
      : parseDuration(written)
  } catch {
    fault(place, 'is no duration', 'write one such as PT8H or 10s')
    return 0
  }
}

function readJson(path: string, place: Place, readForm: ReadForm): string | undefined {
  try {
    return JSON.stringify(JSON.parse(readForm(path)))
  } catch (error) {
    fault(place, `can't be read (${error instanceof Error ? error.message : ''})`, 'correct it')
    return undefined
  }
}

/** Groups that nobody is in would leave their tasks to nobody. */
function checkGroups(
  flows: readonly FlowBinding[],
  groups: ReadonlyMap<string, unknown>,
  place: Place,
): void {
  for (const { name, tasks } of flows) {
    for (const [step, { assign, escalate }] of tasks) {
      for (const to of [assign, escalate?.to]) {
        if (to?.kind !== 'group' || groups.has(to.group)) continue
        const at = within(within(within(place, name), 'tasks'), step)
        fault(at, `there is no group "${to.group}"`, 'write its people under groups')
      }
    }
  }
}
