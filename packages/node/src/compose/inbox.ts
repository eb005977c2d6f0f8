import { NodeError } from '@concordat/protocol'
import { type Bindings, noBindings } from '../config/bindings.ts'
import { faultsToText } from '../config/config.ts'
import { readBindingsFile } from '../config/load.ts'
import type { AsyncStack } from '../lib/async-stack.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { FoldListener } from '../processes/fold-listener.ts'
import { startDeciders } from '../tasks/deciders.ts'
import { createTaskEngine } from '../tasks/task-engine.ts'
import { createTaskListener } from '../tasks/task-listener.ts'
import { startTaskWork } from '../tasks/task-work.ts'
import type { TaskCommands } from '../tasks/tasks.ts'
import { createDeciderCaller } from './ask-decider.ts'
import type { Deciding } from './deciding.ts'
import type { Engines } from './engines.ts'
import type { Foundation } from './foundation.ts'
import { isOurs } from './process-work.ts'

/** How often the file of bindings is looked at, in milliseconds. */
const LOOK_MS = 2000

/** The tasks of a namespace, before anything runs. */
export interface Inbox {
  readonly listener: FoldListener
  readonly bindings: () => Bindings
  /** Takes the file's bindings if it has changed; those before are kept if it has faults. */
  readonly reload: () => void
  /** What is told of work, once it runs. */
  readonly workers: Pick<Stage, 'nudge'>[]
}

/** Reads the bindings. Throws CC21105 with all their faults. */
export function prepareInbox(base: Foundation): Inbox {
  const file = base.settings.bindings
  let known = { text: '', bindings: noBindings }
  const reload = (onFaults: (faults: string) => void): void => {
    if (file === undefined) return
    const read = readBindingsFile(file)
    if (read.text === known.text) return
    if (read.faults.length === 0) known = read
    else {
      known = { ...known, text: read.text }
      onFaults(faultsToText(read.faults))
    }
  }
  reload((faults) => {
    throw new NodeError('CC21105', { faults })
  })
  const workers: Inbox['workers'] = []
  const bindings = (): Bindings => known.bindings
  return {
    bindings,
    workers,
    reload: () =>
      reload((faults) =>
        base.log.error({ file, faults }, 'the bindings are not sound: the old ones hold'),
      ),
    listener: createTaskListener({
      ...base,
      bindings,
      isOurs: (did) => isOurs(base, did),
      onWork: () => {
        for (const worker of workers) worker.nudge()
      },
    }),
  }
}

/** Starts what works on tasks. */
export function startInbox(
  base: Foundation,
  { spine, processes, inbox }: Pick<Deciding, 'spine' | 'inbox'> & Pick<Engines, 'processes'>,
  stack: AsyncStack,
): TaskCommands {
  const { bindings, workers } = inbox
  const deps = { ...base, spine, processes, bindings }
  const work = stack.use(startTaskWork({ ...deps, listener: inbox.listener }))
  workers.push(work)
  if (base.settings.bindings !== undefined) {
    stack.use(watchBindings(base, inbox))
    const caller = stack.use(
      createDeciderCaller(base.config.events.webhooks.allowedRanges, base.world),
    )
    workers.push(stack.use(startDeciders({ ...deps, ask: caller.ask, onSubmit: work.nudge })))
  }
  return createTaskEngine(deps)
}

const watchBindings = ({ world, log }: Foundation, { reload }: Inbox): Stage =>
  startStage({
    name: 'bindings',
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'the bindings can not be read'),
    async step() {
      reload()
      return false
    },
  })
