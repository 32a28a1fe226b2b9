import { expect, it } from 'vitest';
import {
  attemptsChart,
  lineOf,
  linesPath,
  messageOf,
  messagePath,
  momentPath,
  sharedIn,
  spanOf,
} from './card-paths.ts';

const query = (path: string): URLSearchParams => new URL(path, 'http://hub.example').searchParams;

const cpu = { agent: 'web-1', chart: 'cpu' };

it('leads from a chart to its machine at that moment', () => {
  const path = momentPath({ ...cpu, from: 1_000.4, to: 61_000 });
  expect(path).toBe('/agents/web-1?from=1000&to=61000');
  expect(spanOf(query(path))).toEqual({ from: 1_000, to: 61_000 });
  const room = `agent.${'x'.repeat(64)}`;
  const shared = momentPath({ ...cpu, from: 1_000, to: 61_000 }, { room, offset: 41 });
  expect(spanOf(query(shared))).toEqual({ from: 1_000, to: 61_000 });
  expect(sharedIn(query(shared))).toEqual({ room, offset: 41 });
  for (const at of ['', ':1', 'general', 'general:', 'a/b:1', 'general:1e9', `${room}${room}:1`])
    expect(sharedIn(query(`/agents/web-1?shared=${at}`))).toBeUndefined();
});

it('leads from the attempts to their page, and from a machine’s own chart of that name to the machine', () => {
  const span = { from: 1_000, to: 61_000 };
  expect(momentPath({ ...attemptsChart, ...span }, { room: 'general', offset: 41 })).toBe('/connections?range=all');
  expect(momentPath({ agent: 'web-1', chart: attemptsChart.chart, ...span })).toMatch('/agents/web-1?');
});

it.each(['?from=1', '?from=2&to=1', '?from=a&to=b', '?from=-5&to=7', '?from=1&to=999999999', ''])(
  'takes %j for no moment',
  (text) => {
    expect(spanOf(query(`/agents/web-1${text}`))).toBeUndefined();
  },
);

it('leads from lines to their output', () => {
  const place = { epoch: 'k3', from: 41 };
  expect(linesPath({ channel: 'runs/abc', ...place })).toBe('/runs/abc?at=k3:41');
  expect(linesPath({ channel: 'logs/web-1/app.log', ...place })).toBe('/agents/web-1?log=app.log&at=k3:41');
  expect(linesPath({ channel: 'chat/general', ...place })).toBeUndefined();
  expect(lineOf(query('/runs/abc?at=k3:41'))).toEqual({ epoch: 'k3', offset: 41 });
  for (const at of ['', 'k3', 'k3:', ':4', 'K3:1', 'k3:1e9'])
    expect(lineOf(query(`/runs/abc?at=${at}`))).toBeUndefined();
});

it('leads from a name to the message that has it', () => {
  expect(messagePath('general', 41)).toBe('/chat/general?at=41');
  expect(messageOf(query(messagePath('general', 41)))).toBe(41);
  for (const at of ['', 'k3:41', '-1', '4.1', '1e9'])
    expect(messageOf(query(`/chat/general?at=${at}`))).toBeUndefined();
});
