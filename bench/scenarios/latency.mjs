// How late an update is at a rate that nobody has trouble with: 20 a second to 1,000 viewers.

export const latency = {
  name: 'latency',
  title: '1,000 viewers, 20 updates/s',
  load: { mode: 'open', viewers: 1000, rate: 20, seconds: 5 },
  targets: ['telltale', 'telltale-0', 'ws', 'socket.io', 'bun', 'nchan'],
  figures: ['p99Ms'],
  goals: [{ of: 'telltale', figure: 'p99Ms', against: 'ws', atLeast: 1 }],
};
