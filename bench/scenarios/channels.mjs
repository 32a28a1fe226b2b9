// Many channels on one screen, each changing at its own moment: 20 channels, five updates a second each.

export const channels = {
  name: 'channels',
  title: '1,000 viewers of 20 channels, 5 updates/s each',
  load: { mode: 'open', viewers: 1000, rate: 100, seconds: 4 },
  channels: 20,
  targets: ['telltale-50', 'ws', 'socket.io', 'bun'],
  figures: ['cpuPerMillion'],
  goals: [{ of: 'telltale-50', figure: 'cpuPerMillion', against: 'ws', atLeast: 3 }],
};
