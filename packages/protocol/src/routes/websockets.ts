import { WebSocketStatus } from '../model/websocket.ts'
import { defineRoute } from './route.ts'

const resource = 'websockets'

export const getWebSockets = defineRoute({
  id: 'getWebSockets',
  method: 'GET',
  path: '/websockets',
  resource,
  summary: 'List the open WebSocket connections',
  status: 200,
  global: true,
  reply: WebSocketStatus,
})
