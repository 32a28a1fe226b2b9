// The client's words for a connection, for the views that show them: no other folder imports the client.

export type { Cause, ConnectionState } from '@telltale/client';
