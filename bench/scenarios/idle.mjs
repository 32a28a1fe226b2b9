// What a viewer costs that is connected and gets nothing: memory of the process, by how much it grows.

export const idle = {
  name: 'idle',
  title: '10,000 idle viewers',
  load: { mode: 'idle', viewers: 10_000, seconds: 3 },
  targets: ['telltale', 'ws', 'socket.io', 'bun', 'nchan'],
  figures: ['sessionKib'],
  goals: [{ of: 'telltale', figure: 'sessionKib', atMost: 8 }],
};
