/** `%012d/%06d/%06d`: sorts in chain order. */
export const toProtocolId = (block: number, transactionIndex: number, logIndex: number): string =>
  [
    String(block).padStart(12, '0'),
    String(transactionIndex).padStart(6, '0'),
    String(logIndex).padStart(6, '0'),
  ].join('/')
