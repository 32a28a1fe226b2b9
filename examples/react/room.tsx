// A chat room and the machines of a hub, live in any React app: one shared connection for both, and one socket of its own
// for who wants to see frames. Give it the hub's address: <Room hub="ws://localhost:8000" />.

import { ConnectionProvider, useConnection, useStream, useTable, useWebSocket } from '@telltale/client/react';
import type { ReactNode } from 'react';

const storedToken = (): string | undefined => localStorage.getItem('access_token') ?? undefined;

export function Room({ hub }: { hub: string }): ReactNode {
  return (
    <ConnectionProvider options={{ url: `${hub}/ws/`, token: storedToken }}>
      <Line />
      <Machines />
      <Messages />
      <Frames url={`${hub}/ws/dashboard/`} />
    </ConnectionProvider>
  );
}

/** How the line stands: in words, with the reason where there is one. */
function Line(): ReactNode {
  const { state } = useConnection();
  return <p role="status">{'cause' in state && state.cause ? `${state.kind}: ${state.cause.reason}` : state.kind}</p>;
}

function Machines(): ReactNode {
  const { rows, freshness } = useTable<{ title: string; cores: number }>('agents');
  return (
    <ul aria-busy={freshness.kind === 'catching-up'}>
      {rows.map(({ key, data }) => (
        <li key={key}>{`${data.title}, ${data.cores} cores`}</li>
      ))}
    </ul>
  );
}

function Messages(): ReactNode {
  const { connection } = useConnection();
  const { messages } = useStream<{ type: string; text?: string }>('chat/general', { since: { last: 20 } });
  const wave = (): void => void connection.publish('chat/general', { text: 'Hello, all' });
  // Edits, deletions and reactions are events of their own, and change nothing here but for who comes later.
  const said = messages.filter(({ data }) => data.type === 'said');
  return (
    <section>
      {said.map(({ epoch, offset, from, data }) => (
        <p key={`${epoch}:${offset}`}>{`${from?.name ?? from?.subject ?? 'somebody'}: ${data.text}`}</p>
      ))}
      <button onClick={wave}>Wave</button>
    </section>
  );
}

function Frames({ url }: { url: string }): ReactNode {
  const { status, cause, lastJsonMessage } = useWebSocket(url, { tokenIn: 'subprotocol' });
  return (
    <pre>{cause === undefined ? `${status} ${JSON.stringify(lastJsonMessage)}` : `${cause.reason}. ${cause.hint}`}</pre>
  );
}
