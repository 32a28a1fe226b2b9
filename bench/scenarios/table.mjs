// A table of 100 rows that change 20 times a second each: a viewer needs the newest value of a row, not every one.

export const table = {
  name: 'table',
  title: '1,000 viewers of 100 rows, 2,000 updates/s',
  load: { mode: 'open', viewers: 1000, rate: 2000, seconds: 4 },
  keys: 100,
  targets: ['telltale-50', 'ws'],
  figures: ['corePercent', 'maxMs'],
  goals: [
    { of: 'telltale-50', figure: 'corePercent', atMost: 40 },
    { of: 'telltale-50', figure: 'maxMs', atMost: 100 },
  ],
};
