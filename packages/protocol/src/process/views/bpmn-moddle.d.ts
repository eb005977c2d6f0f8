/** What the tests use of it; the package has no types at its entry. */
declare module 'bpmn-moddle' {
  export interface BpmnElement {
    readonly $type: string
    readonly id: string
    readonly name: string
    readonly diagrams: readonly { readonly plane: { readonly planeElement: readonly Drawn[] } }[]
    readonly messageFlowRef: readonly { readonly messageRef: BpmnElement }[]
    readonly participantRef: readonly BpmnElement[]
    readonly initiatingParticipantRef: BpmnElement
    readonly incoming: readonly BpmnElement[]
    readonly outgoing: readonly BpmnElement[]
  }
  interface Drawn {
    readonly bpmnElement: BpmnElement
  }
  export class BpmnModdle {
    fromXML(xml: string): Promise<{
      readonly warnings: readonly Error[]
      readonly rootElement: BpmnElement
      readonly elementsById: Readonly<Record<string, BpmnElement>>
    }>
  }
}
