// Fan-out in bursts: 16 updates outstanding, so that a server may join what waits.

export const burst1000 = {
  name: 'burst-1000',
  title: '1,000 viewers, 16 updates outstanding',
  load: { mode: 'closed', viewers: 1000, outstanding: 16, seconds: 3 },
  targets: ['telltale', 'telltale-0', 'ws', 'socket.io', 'bun', 'nchan'],
  figures: ['cpuPerMillion'],
  goals: [
    { of: 'telltale', figure: 'cpuPerMillion', against: 'ws', atLeast: 15 },
    { of: 'telltale', figure: 'cpuPerMillion', against: 'socket.io', atLeast: 12 },
    { of: 'telltale', figure: 'cpuPerMillion', against: 'bun', atLeast: 0.9 },
    { of: 'telltale-0', figure: 'cpuPerMillion', against: 'bun', atLeast: 0.9 },
  ],
};
