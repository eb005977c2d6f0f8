import type { Choreography, Node } from './choreography.ts'
import { type Xml, xml } from './xml.ts'

const COLUMN = 190
const ROW = 130
const MARGIN = 60
const BAND = 20

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const SIZES: Readonly<Record<Node['kind'], readonly [width: number, height: number]>> = {
  start: [36, 36],
  end: [36, 36],
  timer: [36, 36],
  choice: [50, 50],
  task: [120, 100],
}

/** Where each node and flow stands: one diagram for each choreography, stages from left to right. */
export const drawChoreographies = (choreographies: readonly Choreography[]): readonly Xml[] =>
  choreographies.map((choreography) => {
    const { track } = choreography
    const boxes = new Map(choreography.nodes.map((node) => [node.id, boxOf(node)]))
    const shapes = choreography.nodes.flatMap((node) => shapesOf(track, node))
    const edges = choreography.flows.map((flow) => {
      const from = boxes.get(flow.from)
      const to = boxes.get(flow.to)
      const points = from === undefined || to === undefined ? [] : waypoints(from, to)
      return xml('bpmndi:BPMNEdge', { id: `Edge-${flow.id}`, bpmnElement: flow.id }, points)
    })
    const plane = { id: `Plane-${track}`, bpmnElement: `Choreography-${track}` }
    return xml('bpmndi:BPMNDiagram', { id: `Diagram-${track}`, name: track }, [
      xml('bpmndi:BPMNPlane', plane, [...shapes, ...edges]),
    ])
  })

function boxOf({ kind, column, row }: Node): Box {
  const [width, height] = SIZES[kind]
  const [x, y] = [MARGIN + column * COLUMN, MARGIN + row * ROW]
  return { x: x - width / 2, y: y + (100 - height) / 2, width, height }
}

const bounds = ({ x, y, width, height }: Box): Xml =>
  xml('dc:Bounds', { x: `${x}`, y: `${y}`, width: `${width}`, height: `${height}` })

function shapesOf(track: string, node: Node): readonly Xml[] {
  const box = boxOf(node)
  const id = `Shape-${node.id}`
  const shape = xml('bpmndi:BPMNShape', { id, bpmnElement: node.id }, [bounds(box)])
  const bands = (node.participants ?? []).map((role, i) => {
    const y = i === 0 ? box.y : box.y + box.height - BAND
    return xml(
      'bpmndi:BPMNShape',
      {
        id: `Band-${node.id}-${i + 1}`,
        bpmnElement: `Participant-${track}-${role}`,
        choreographyActivityShape: id,
        isMessageVisible: i === 0 ? 'true' : 'false',
        participantBandKind: i === 0 ? 'top_initiating' : 'bottom_non_initiating',
      },
      [bounds({ ...box, y, height: BAND })],
    )
  })
  return [shape, ...bands]
}

/** Straight from one side to the other; back over the top. */
function waypoints(from: Box, to: Box): readonly Xml[] {
  const point = (x: number, y: number): Xml => xml('di:waypoint', { x: `${x}`, y: `${y}` })
  const middle = (box: Box): number => box.y + box.height / 2
  if (to.x > from.x) {
    return [point(from.x + from.width, middle(from)), point(to.x, middle(to))]
  }
  const top = Math.min(from.y, to.y) - 15
  const [start, end] = [from.x + from.width / 2, to.x + to.width / 2]
  return [point(start, from.y), point(start, top), point(end, top), point(end, to.y)]
}
