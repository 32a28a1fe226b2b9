// The package's door.

export { addressKey } from './admission/address.ts';
export type { Broker, AppendOutcome, Following, OnceKey, RecallOutcome } from './broker/broker.ts';
export { MemoryBroker } from './broker/memory-broker.ts';
export {
  type MessageStore,
  nothingWritten,
  type PageRequest,
  type ReplacedMessage,
  type StoreAppend,
  type StoredMessages,
  type StoredPage,
  type StoreOutcome,
} from './broker/message-store.ts';
export { type ChannelOptions, stream, type StreamOptions, table } from './channels/definition.ts';
export { type Clock, systemClock } from './clock.ts';
export { createGateway } from './gateway.ts';
export { MethodFailure, type MethodFailureOptions } from './session/method-failure.ts';
export * from './types.ts';
