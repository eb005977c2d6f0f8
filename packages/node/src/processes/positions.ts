import type { PinPosition } from '../aggregator/settled-pin.ts'

const pad = (n: number, digits: number): string => String(n).padStart(digits, '0')

/** A position as text whose order is the order of the chain. */
export const positionText = ({ contract, block, transaction, log, pin }: PinPosition): string =>
  [pad(contract, 4), pad(block, 12), pad(transaction, 6), pad(log, 6), pad(pin, 6)].join('/')

/** The contract's index and the event's place on chain (`pins.protocol_id`), of a position's text. */
export const partsOf = (position: string): { contract: number; protocolId: string } => ({
  contract: Number(position.slice(0, 4)),
  protocolId: position.slice(5, -7),
})
