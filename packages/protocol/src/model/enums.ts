export const messageTypes = [
  'definition',
  'broadcast',
  'private',
  'groupinit',
  'transfer_broadcast',
  'transfer_private',
  'approval_broadcast',
  'approval_private',
] as const
export type MessageType = (typeof messageTypes)[number]

export const messageStates = [
  'staged',
  'ready',
  'sent',
  'pending',
  'confirmed',
  'rejected',
  'cancelled',
] as const
export type MessageState = (typeof messageStates)[number]

export const transactionTypes = [
  'none',
  'unpinned',
  'batch_pin',
  'network_action',
  'token_pool',
  'token_transfer',
  'contract_deploy',
  'contract_invoke',
  'contract_invoke_pin',
  'token_approval',
  'data_publish',
] as const
export type TransactionType = (typeof transactionTypes)[number]

export const batchTypes = ['broadcast', 'private'] as const
export type BatchType = (typeof batchTypes)[number]

export const validatorTypes = ['json', 'none', 'definition'] as const
export type ValidatorType = (typeof validatorTypes)[number]

export const identityTypes = ['org', 'node', 'custom'] as const
export type IdentityType = (typeof identityTypes)[number]

export const verifierTypes = [
  'ethereum_address',
  'tezos_address',
  'fabric_msp_id',
  'dx_peer_id',
  'cardano_address',
] as const
export type VerifierType = (typeof verifierTypes)[number]

export const operationTypes = [
  'blockchain_pin_batch',
  'blockchain_network_action',
  'blockchain_deploy',
  'blockchain_invoke',
  'sharedstorage_upload_batch',
  'sharedstorage_upload_blob',
  'sharedstorage_upload_value',
  'sharedstorage_download_batch',
  'sharedstorage_download_blob',
  'dataexchange_send_batch',
  'dataexchange_send_blob',
  'token_create_pool',
  'token_activate_pool',
  'token_transfer',
  'token_approval',
] as const
export type OperationType = (typeof operationTypes)[number]

export const operationStatuses = ['Initialized', 'Pending', 'Succeeded', 'Failed'] as const
export type OperationStatus = (typeof operationStatuses)[number]

/** Delivered only to subscriptions that ask for them by name. */
export const processEventTypes = [
  'process_created',
  'process_step_accepted',
  'process_step_rejected',
  'process_step_voided',
  'process_deadline_fired',
  'process_task_opened',
  'process_task_due',
  'process_task_closed',
  'process_closed',
  'process_blocked',
  'process_unblocked',
  'process_divergence_suspected',
] as const
export type ProcessEventType = (typeof processEventTypes)[number]

export const eventTypes = [
  'transaction_submitted',
  'message_confirmed',
  'message_rejected',
  'datatype_confirmed',
  'identity_confirmed',
  'identity_updated',
  'token_pool_confirmed',
  'token_pool_op_failed',
  'token_transfer_confirmed',
  'token_transfer_op_failed',
  'token_approval_confirmed',
  'token_approval_op_failed',
  'contract_interface_confirmed',
  'contract_api_confirmed',
  'blockchain_event_received',
  'blockchain_invoke_op_succeeded',
  'blockchain_invoke_op_failed',
  'blockchain_contract_deploy_op_succeeded',
  'blockchain_contract_deploy_op_failed',
  ...processEventTypes,
] as const
export type EventType = (typeof eventTypes)[number]

/** Tags of the messages that members send for the network itself. */
export const systemTags = {
  defineDatatype: 'ff_define_datatype',
  defineGroup: 'ff_define_group',
  definePool: 'ff_define_pool',
  defineInterface: 'ff_define_ffi',
  defineContractApi: 'ff_define_contract_api',
  identityClaim: 'ff_identity_claim',
  identityVerification: 'ff_identity_verification',
  identityUpdate: 'ff_identity_update',
  gapFill: 'ff_gap_fill',
} as const

/** Topics of events that no message topic names. */
export const systemTopics = { definition: 'ff_definition', batchPin: 'ff_batch_pin' } as const
