// Samples of a machine to a screen full of viewers, as they are and compressed: what a frame saves, and what it costs to
// deflate it once.

/** A sample as the agent takes it, of a machine with four cores. */
const sample = [
  '"at":176412###3###,"intervalMs":1000,"cpu":{"total":2#.#,"cores":[1#.#,3#.#,4#.#,2#.#],"load":[1.##,1.##,2.##]}',
  '"memory":{"used":81#########,"total":16777216000,"swap":{"used":4#######,"total":2147483648}}',
  '"disks":[{"mount":"/","used":412########,"total":512110190592}],"diskRate":{"read":1#####,"write":7######}',
  '"networkRate":{"in":3#####,"out":8#####},"temperature":5#.#,"uptime":84####',
].join(',');

export const compressed = {
  name: 'compressed',
  title: '100 viewers of a machine’s samples, 16 outstanding',
  load: { mode: 'closed', viewers: 100, outstanding: 16, template: sample, seconds: 3 },
  targets: ['telltale', 'telltale-compressed'],
  figures: ['deliveryBytes', 'cpuPerMillion'],
  goals: [
    // At most 35 % of the bytes, at most 1.3 times the processor time.
    { of: 'telltale-compressed', figure: 'deliveryBytes', against: 'telltale', atLeast: 2.86 },
    { of: 'telltale-compressed', figure: 'cpuPerMillion', against: 'telltale', atLeast: 0.77 },
  ],
};
