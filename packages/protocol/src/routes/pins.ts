import Type from 'typebox'
import { NextPin, Pin } from '../model/pin.ts'
import { listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { integer, maybe, page, uuid } from './schema.ts'

const resource = 'pins'

export const getPins = defineRoute({
  id: 'getPins',
  method: 'GET',
  path: '/pins',
  resource,
  summary: 'List pins',
  status: 200,
  filter: 'pins',
  query: listQuery('pins'),
  reply: page(Pin),
})

export const postPinsRewind = defineRoute({
  id: 'postPinsRewind',
  method: 'POST',
  path: '/pins/rewind',
  resource,
  summary: 'Look again at pins that wait',
  status: 200,
  body: Type.Object({ sequence: integer, batch: uuid }),
  reply: Type.Object({ sequence: Type.Integer(), batch: maybe }),
})

export const getNextPins = defineRoute({
  id: 'getNextPins',
  method: 'GET',
  path: '/nextpins',
  resource,
  summary: 'List the next pin of each member on each private context',
  status: 200,
  filter: 'nextpins',
  query: listQuery('nextpins'),
  reply: page(NextPin),
})
