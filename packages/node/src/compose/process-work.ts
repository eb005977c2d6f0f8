import type { Bindings } from '../config/bindings.ts'
import type { AsyncStack } from '../lib/async-stack.ts'
import { createAgreedClock } from '../processes/agreed-clock.ts'
import { type Sync, startSyncs } from '../processes/lines/syncs.ts'
import { startTicks } from '../processes/ticks.ts'
import { createEffectHandler } from '../processes/work/effects.ts'
import { createLinkHandler } from '../processes/work/link-handler.ts'
import { Links } from '../processes/work/links.ts'
import { createMessagePerformers } from '../processes/work/message-performers.ts'
import { createScheduleHandler } from '../processes/work/schedules.ts'
import { createWorkListener, type WorkListener } from '../processes/work/work-listener.ts'
import { startWork } from '../processes/work/work-stage.ts'
import type { Deciding } from './deciding.ts'
import type { Engines } from './engines.ts'
import type { Foundation } from './foundation.ts'
import { createPusher } from './push-steps.ts'

/** What decisions give this node to do, from where they are made to where it is done. */
export interface OwnWork {
  readonly listener: WorkListener
  readonly links: () => Links
  readonly syncs: () => readonly Sync[]
  /** Says that there is some. */
  wake: () => void
}

export function createOwnWork(base: Foundation, bindings: () => Bindings): OwnWork {
  const links = linksOf(bindings)
  const own: OwnWork = {
    links,
    syncs: () => syncsOf(bindings()),
    wake: () => {},
    listener: createWorkListener({
      ...base,
      isOurs: (did) => isOurs(base, did),
      links,
      onWork: () => own.wake(),
    }),
  }
  return own
}

/** Made anew only when the bindings have changed. */
function linksOf(bindings: () => Bindings): () => Links {
  let known: { readonly from: Bindings; readonly links: Links } | undefined
  return () => {
    const from = bindings()
    if (known?.from === from) return known.links
    const links = from.flows.flatMap(({ name: flow, version, links: bound }) =>
      bound.map((link) => ({ ...link, flow, version, name: `${flow}@${version}/${link.name}` })),
    )
    known = { from, links: new Links(links) }
    return known.links
  }
}

const syncsOf = ({ flows }: Bindings): readonly Sync[] =>
  flows.flatMap(({ name, version, syncs }) => {
    const flow = version === '' ? name : `${name}@${version}`
    return syncs.map((sync) => ({ ...sync, flow, name: `${flow}/${sync.name}` }))
  })

/** Starts what this node does for processes of its own accord. */
export function startProcessWork(
  base: Foundation,
  { spine, ownWork, messages, processes }: ProcessWorkParts,
  stack: AsyncStack,
): void {
  const { links, syncs } = ownWork
  const clock = createAgreedClock(base.world, () => base.chain.head())
  const deps = { ...base, spine, messages, processes, clock, links }
  const ticks = stack.use(startTicks({ ...deps, isOurs: (did) => isOurs(base, did) }))
  const performers = createMessagePerformers(deps)
  const handlers = [
    createEffectHandler({ ...deps, performers, isCatchingUp: ownWork.listener.isCatchingUp }),
    createScheduleHandler(deps),
    createLinkHandler(deps),
  ]
  const work = stack.use(startWork({ ...deps, handlers }))
  const pusher = stack.use(createPusher(base.config.events.webhooks.allowedRanges, base.world))
  stack.use(startSyncs({ ...base, syncs, push: pusher.push }))
  ownWork.wake = () => {
    ticks.nudge()
    work.nudge()
  }
  stack.defer(base.events.onAppend(() => work.hear()))
}

type ProcessWorkParts = Pick<Deciding, 'spine' | 'ownWork'> &
  Pick<Engines, 'messages' | 'processes'>

/** Whether a DID is an identity whose messages come to this node. */
export function isOurs({ directory, nodeId }: Foundation, did: string): boolean {
  const known = directory.byDid(did)
  const node = known && directory.nodeOf(known.row.id)
  return node !== undefined && node.row.id === nodeId()
}
