// One update at a time: nothing to join, so the system call is the floor for everybody.

export const single = {
  name: 'single',
  title: '1,000 viewers, one update at a time',
  load: { mode: 'closed', viewers: 1000, outstanding: 1, seconds: 3 },
  targets: ['telltale', 'telltale-0', 'ws', 'socket.io', 'bun', 'nchan'],
  figures: ['cpuPerMillion'],
  goals: [
    { of: 'telltale-0', figure: 'cpuPerMillion', against: 'ws', atLeast: 1.2 },
    { of: 'telltale', figure: 'cpuPerMillion', against: 'ws', atLeast: 1 },
    { of: 'telltale', figure: 'cpuPerMillion', against: 'socket.io', atLeast: 1.8 },
    { of: 'telltale-0', figure: 'cpuPerMillion', against: 'socket.io', atLeast: 1.8 },
  ],
};
