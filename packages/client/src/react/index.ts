// React's door to the client: a provider for one shared connection, hooks for channels, and a hook for one endpoint.

export { ConnectionProvider, useConnection, useSharedConnection } from './provider.ts';
export type { ConnectionProviderProps, ConnectionView } from './provider.ts';
export type { RegisteredData, RegisteredName, UnregisteredName } from './types.ts';
export { useStream, useTable } from './use-channel.ts';
export { useWebSocket } from './use-web-socket.ts';
export type { ReceivedMessage, UseWebSocketOptions, WebSocketView } from './use-web-socket.ts';
