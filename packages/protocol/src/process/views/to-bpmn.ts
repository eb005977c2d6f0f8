import type { Definition } from '../definition/types.ts'
import {
  type Choreography,
  choreographyOf,
  type Node,
  OTHERS,
  participantsOf,
} from './choreography.ts'
import { drawChoreographies } from './draw-bpmn.ts'
import { printXml, type Xml, xml } from './xml.ts'

/**
 * A BPMN 2.0 choreography of a sound definition, one for each track, laid out so that modelling tools show it. It is a
 * picture: rules and the shared document are not in it.
 */
export function toBpmn(definition: Definition): string {
  const choreographies = Object.keys(definition.stages).map((track) =>
    choreographyOf(definition, track),
  )
  const messages = Object.keys(definition.steps).map((name) =>
    xml('bpmn:message', { id: messageId(name), name }),
  )
  return printXml(
    xml(
      'bpmn:definitions',
      {
        'xmlns:bpmn': 'http://www.omg.org/spec/BPMN/20100524/MODEL',
        'xmlns:bpmndi': 'http://www.omg.org/spec/BPMN/20100524/DI',
        'xmlns:dc': 'http://www.omg.org/spec/DD/20100524/DC',
        'xmlns:di': 'http://www.omg.org/spec/DD/20100524/DI',
        'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
        id: 'Definitions',
        name: `${definition.name} ${definition.version}`,
        targetNamespace: `urn:flow:${definition.name}:${definition.version}`,
      },
      [
        ...messages,
        ...choreographies.map((choreography) => choreographyXml(definition, choreography)),
        ...drawChoreographies(choreographies),
      ],
    ),
  )
}

const messageId = (step: string): string => `Message-${step}`
const participantId = (track: string, role: string): string => `Participant-${track}-${role}`

function choreographyXml(definition: Definition, choreography: Choreography): Xml {
  const { track, nodes, flows } = choreography
  const participants = participantsOf(definition).map((role) => {
    const many = definition.roles[role]?.one !== true
    const name = definition.roles[role]?.title ?? (role === OTHERS ? 'other parties' : role)
    const multiplicity = many
      ? [xml('bpmn:participantMultiplicity', { minimum: '1', maximum: '1000' })]
      : []
    return xml('bpmn:participant', { id: participantId(track, role), name }, multiplicity)
  })
  const messages = nodes.flatMap(({ id, participants: pair, arrow }) =>
    pair === undefined || arrow === undefined
      ? []
      : [
          xml('bpmn:messageFlow', {
            id: `MessageFlow-${id}`,
            name: arrow.name,
            sourceRef: participantId(track, pair[0]),
            targetRef: participantId(track, pair[1]),
            messageRef: messageId(arrow.name),
          }),
        ],
  )
  const sequence = flows.map(({ id, from, to }) =>
    xml('bpmn:sequenceFlow', { id, sourceRef: from, targetRef: to }),
  )
  const elements = nodes.map((node) => nodeXml(definition, choreography, node))
  return xml(
    'bpmn:choreography',
    { id: `Choreography-${track}`, name: definition.title ?? definition.name },
    [...participants, ...messages, ...elements, ...sequence],
  )
}

function nodeXml(definition: Definition, { track, flows }: Choreography, node: Node): Xml {
  const { id, kind, name, participants } = node
  const links = [
    ...flows.filter(({ to }) => to === id).map((flow) => xml('bpmn:incoming', {}, flow.id)),
    ...flows.filter(({ from }) => from === id).map((flow) => xml('bpmn:outgoing', {}, flow.id)),
  ]
  const attributes = { id, name: name === '' ? undefined : name }
  if (kind === 'start') return xml('bpmn:startEvent', attributes, links)
  if (kind === 'end') return xml('bpmn:endEvent', attributes, links)
  if (kind === 'timer') {
    return xml('bpmn:intermediateCatchEvent', attributes, [...links, timerXml(definition, node)])
  }
  if (kind === 'choice') return choiceXml(attributes, links, id, flows)
  const [initiator = '', receiver = ''] = participants ?? []
  const parts = [initiator, receiver].map((role) => participantId(track, role))
  return xml('bpmn:choreographyTask', { ...attributes, initiatingParticipantRef: parts[0] }, [
    ...links,
    ...parts.map((part) => xml('bpmn:participantRef', {}, part)),
    xml('bpmn:messageFlowRef', {}, `MessageFlow-${id}`),
  ])
}

/** What happens first decides; with one way only, or a way to the end, there is no event to wait for. */
function choiceXml(
  attributes: Xml['attributes'],
  links: readonly Xml[],
  id: string,
  flows: Choreography['flows'],
): Xml {
  const ways = flows.filter(({ from }) => from === id)
  const waits = ways.length > 1 && ways.every(({ to }) => !to.startsWith('End-'))
  return xml(waits ? 'bpmn:eventBasedGateway' : 'bpmn:exclusiveGateway', attributes, links)
}

function timerXml(definition: Definition, { id, arrow }: Node): Xml {
  const { after, due = '' } = definition.deadlines?.[arrow?.name ?? ''] ?? {}
  const [name, text] = after === undefined ? ['bpmn:timeDate', due] : ['bpmn:timeDuration', after]
  const expression = xml(name, { 'xsi:type': 'bpmn:tFormalExpression' }, text)
  return xml('bpmn:timerEventDefinition', { id: `Timer-${id}` }, [expression])
}
