// Viewers that come, are let in, and go: with an HS256 token each at Telltale, unasked elsewhere.

export const handshakes = {
  name: 'handshakes',
  title: 'handshakes, 64 at once',
  load: { mode: 'accept', viewers: 64, seconds: 3, warmSeconds: 6 },
  targets: ['telltale', 'ws', 'socket.io', 'bun', 'nchan'],
  figures: ['handshakeMs'],
  goals: [{ of: 'telltale', figure: 'handshakeMs', against: 'ws', atLeast: 0.6 }],
};
