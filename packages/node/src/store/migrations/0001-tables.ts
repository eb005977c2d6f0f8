/** `text`, `int` and `bytes` stand for the dialect's own types. */
export const tables: readonly string[] = [
  `messages (
    seq int primary key, namespace text not null, id text not null, type text not null, txtype text, cid text,
    author text not null, key text not null, created text not null, network_namespace text not null, group_hash text,
    topics text not null, tag text, datahash text not null, txparent_type text, txparent_id text, hash text not null,
    batch text, tx text, state text not null, confirmed text, reject_reason text, pins text, idempotency_key text,
    data_refs text not null, size int not null)`,
  `message_data (
    namespace text not null, data_id text not null, message_id text not null,
    primary key (namespace, data_id, message_id)) clustered`,
  `data (
    seq int primary key, namespace text not null, id text not null, validator text not null, datatype_name text,
    datatype_version text, hash text not null, created text not null, value text, public text, blob_hash text,
    blob_public text, blob_name text, blob_path text, blob_size int)`,
  `blobs (
    seq int primary key, namespace text not null, hash text not null, size int not null, payload_ref text not null,
    created text not null, data_id text not null)`,
  `batches (
    seq int primary key, namespace text not null, id text not null, type text not null, author text not null,
    key text not null, group_hash text, node text, created text not null, hash text not null, manifest text not null,
    payload_ref text, tx_type text not null, tx_id text not null, confirmed text, state text not null)`,
  `payloads (
    hash text primary key, content bytes not null, size int not null, created text not null, encoding text not null)`,
  `pins (
    seq int primary key, namespace text not null, masked int not null, hash text not null, batch text not null,
    batch_hash text not null, idx int not null, dispatched int not null, signer text not null, created text not null,
    protocol_id text not null, payload_ref text not null, tx_id text not null)`,
  `nextpins (
    seq int primary key, namespace text not null, context text not null, identity text not null, hash text not null,
    nonce int not null, group_hash text not null, topic text not null)`,
  `nonces (
    namespace text not null, hash text not null, nonce int not null, primary key (namespace, hash)) clustered`,
  `groups (
    seq int primary key, namespace text not null, network_namespace text not null, hash text not null,
    name text not null, members text not null, message text, created text not null)`,
  `identities (
    seq int primary key, namespace text not null, id text not null, did text not null, type text not null, parent text,
    name text not null, description text, profile text, claim_message text, verification_message text,
    update_message text, created text not null, updated text not null)`,
  `verifiers (
    seq int primary key, namespace text not null, hash text not null, identity text not null, type text not null,
    value text not null, created text not null, position int not null)`,
  `datatypes (
    seq int primary key, namespace text not null, id text not null, message text, validator text not null,
    name text not null, version text not null, hash text not null, created text not null, value text not null,
    position int not null)`,
  `transactions (
    seq int primary key, namespace text not null, id text not null, type text not null, created text not null,
    idempotency_key text, blockchain_ids text)`,
  `operations (
    seq int primary key, namespace text not null, id text not null, tx text not null, type text not null,
    status text not null, plugin text not null, input text, output text, error text, created text not null,
    updated text not null, retry text)`,
  `blockchain_events (
    seq int primary key, namespace text not null, id text not null, source text not null, name text not null,
    listener text, protocol_id text not null, output text not null, info text not null, timestamp text not null,
    tx_type text, tx_id text, tx_blockchain_id text)`,
  `events (
    seq int primary key, namespace text not null, id text not null, type text not null, reference text not null,
    correlator text, tx text, topic text, created text not null)`,
  `subscriptions (
    seq int primary key, namespace text not null, id text not null, name text not null, transport text not null,
    filter text not null, options text not null, created text not null, updated text not null)`,
  `offsets (type text not null, name text not null, current int not null, primary key (type, name)) clustered`,
  `chain_checkpoints (name text primary key, checkpoint text not null)`,
  `chain_transactions (
    id text primary key, chain text not null, key text not null, nonce int not null, state text not null,
    record text not null, error text, created text not null)`,
  `outbox (
    seq int primary key, namespace text not null, id text not null, recipient text not null, kind text not null,
    ref text not null, attempts int not null, due int not null, created text not null)`,
]

/**
 * Few on the tables every message writes to: each costs throughput. A query reaches a partial index only if it states
 * the condition as a constant (`sql.lit`), not as a parameter.
 */
export const indexes: readonly string[] = [
  'unique messages_id on messages (namespace, id, hash)',
  "messages_ready on messages (namespace, seq) where state = 'ready'",
  "messages_pending on messages (namespace, group_hash) where state = 'pending'",
  'unique messages_idempotency on messages (namespace, idempotency_key) where idempotency_key is not null',
  'messages_batch on messages (namespace, batch) where batch is not null',
  "messages_definitions on messages (namespace, tag, key) where type = 'definition'",
  'messages_cid on messages (namespace, cid) where cid is not null',
  'unique data_id on data (namespace, id, hash)',
  'data_blob on data (namespace, blob_hash) where blob_hash is not null',
  'data_path on data (namespace, blob_path) where blob_path is not null',
  'blobs_data on blobs (namespace, data_id, hash)',
  'blobs_hash on blobs (namespace, hash)',
  'batches_id on batches (namespace, id)',
  'unique batches_hash on batches (namespace, hash, payload_ref)',
  'batches_tx on batches (namespace, tx_id)',
  "batches_sealed on batches (namespace, seq) where state = 'sealed'",
  'unique pins_position on pins (namespace, protocol_id, idx)',
  'pins_waiting_hash on pins (namespace, hash, seq) where dispatched = 0',
  'pins_waiting_batch on pins (namespace, batch) where dispatched = 0',
  'pins_aside on pins (namespace, batch) where dispatched = 2',
  'pins_waiting_signer on pins (namespace, signer, seq) where dispatched = 0',
  'unique nextpins_identity on nextpins (namespace, context, identity)',
  'nextpins_hash on nextpins (namespace, hash)',
  'unique groups_hash on groups (namespace, hash)',
  'unique identities_id on identities (namespace, id)',
  'unique identities_did on identities (namespace, did)',
  'unique verifiers_value on verifiers (namespace, type, value)',
  'verifiers_identity on verifiers (namespace, identity)',
  'unique datatypes_version on datatypes (namespace, name, version)',
  'unique transactions_id on transactions (namespace, id)',
  'unique transactions_idempotency on transactions (namespace, idempotency_key) where idempotency_key is not null',
  'unique operations_id on operations (namespace, id)',
  'operations_tx on operations (namespace, tx)',
  "operations_failed on operations (namespace, seq) where status = 'Failed'",
  "operations_open on operations (namespace, status) where status in ('Initialized', 'Pending')",
  "unique blockchain_events_position on blockchain_events (namespace, protocol_id, coalesce(listener, ''))",
  'blockchain_events_tx on blockchain_events (namespace, tx_id)',
  'events_id on events (namespace, id)',
  'events_reference on events (namespace, reference)',
  'unique subscriptions_id on subscriptions (namespace, id)',
  'unique subscriptions_name on subscriptions (namespace, name)',
  'chain_transactions_nonce on chain_transactions (chain, key, nonce)',
  'outbox_recipient on outbox (recipient, seq)',
]
