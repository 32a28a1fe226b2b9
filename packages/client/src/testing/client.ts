// A connection of the code under test against a test server: real socket, manual clock, log lines kept. Tests only.

import { WebSocket } from 'ws';
import { createConnectionIn } from '../connection.ts';
import type { Connection, ConnectionOptions, ConnectionState, WebSocketConstructor } from '../types.ts';
import { type ManualEnvironment, manualEnvironment } from './manual-environment.ts';
import { until } from './until.ts';

export interface TestClient extends Disposable {
  readonly connection: Connection;
  readonly environment: ManualEnvironment;
  readonly states: ConnectionState[];
  readonly lines: { readonly level: string; readonly text: string; readonly fields: object | undefined }[];
  /** Waits for a state. */
  reach<Kind extends ConnectionState['kind']>(
    kind: Kind,
    also?: (state: Extract<ConnectionState, { kind: Kind }>) => boolean,
  ): Promise<Extract<ConnectionState, { kind: Kind }>>;
}

export function startClient(
  url: string,
  options: ConnectionOptions = {},
  world: { readonly isCut?: boolean } = {},
): TestClient {
  const environment = Object.assign(manualEnvironment(), world);
  const lines: TestClient['lines'] = [];
  const line = (level: string) => (text: string, fields?: object) => void lines.push({ level, text, fields });
  const connection = createConnectionIn(
    {
      url,
      WebSocket: WebSocket as unknown as WebSocketConstructor,
      logger: { debug: line('debug'), info: line('info'), warn: line('warn') },
      ...options,
    },
    environment,
  );
  const states: ConnectionState[] = [];
  connection.onState((state) => states.push(state));
  connection.connect();
  return {
    connection,
    environment,
    states,
    lines,
    reach: (kind, also) =>
      until<never>(
        `state ${kind}`,
        () => {
          const { state } = connection;
          return state.kind === kind && (also === undefined || also(state as never)) ? (state as never) : undefined;
        },
        () => connection.state,
      ),
    [Symbol.dispose]: () => connection.close(),
  };
}
