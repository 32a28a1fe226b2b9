import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, figuresTable, goalsTable, ownTable, shown } from './report.mjs';
import { generating, paceOf, scenarios, working } from './scenario.mjs';
import { summarize } from './statistics.mjs';
import { targets } from './targets.mjs';

const burst = scenarios.find(({ name }) => name === 'burst-1000');
const results = {
  'burst-1000': {
    measuredAt: '2026-01-01T00:00:00.000Z',
    others: summarize([7]),
    targets: {
      telltale: { cpuPerMillion: summarize([0.5, 0.6, 0.7]) },
      'telltale-0': { cpuPerMillion: summarize([0.4]) },
      ws: { cpuPerMillion: summarize([12, 8, 9]) },
    },
  },
};

test('figures show three digits', () => {
  assert.deepEqual([0.123, 1.234, 12.34, 123.4].map(shown), ['0.12', '1.23', '12.3', '123']);
});

test('peers stand beside the first way to run Telltale, other ways have rows of their own', () => {
  const [head, , first, second, ...rest] = figuresTable(scenarios, results).split('\n');
  assert.equal(head, '| | | Telltale | `ws` | Socket.IO | Bun | nchan | others |');
  assert.equal(
    first,
    `| ${burst.title} | CPU s per million deliveries | 0.60 (0.50–0.70) | 9.00 (8.00–12.0) | | | | 7 % |`,
  );
  assert.equal(second, `| ${burst.title} | CPU s per million deliveries; flushed at once | 0.40 | | | | | 7 % |`);
  assert.deepEqual(rest, []);
});

test('what the kernel had of the processor time is a table of its own, of all scenarios in which a server works', () => {
  const ofBurst = { ...results['burst-1000'], targets: { telltale: { kernelPercent: summarize([83.4]) } } };
  const [, , first] = figuresTable(working, { 'burst-1000': ofBurst }).split('\n');
  assert.equal(first, `| ${burst.title} | % of it in the kernel | 83.4 | | | | | 7 % |`);
  assert.deepEqual(
    scenarios.filter(({ name }) => !working.some((one) => one.name === name)).map(({ name }) => name),
    ['idle'],
  );
});

test('a table of our own figures has those of the other, without the peers', () => {
  const whole = figuresTable(scenarios, results).split('\n').slice(2);
  const own = ownTable(scenarios, results).split('\n');
  assert.deepEqual(own.slice(0, 2), ['| | | Telltale |', '| --- | --- | --- |']);
  assert.equal(own.length, 2 + whole.length);
  for (const [index, row] of own.slice(2).entries()) assert.ok(whole[index].startsWith(row), row);
});

test('a figure is marked where the generator had its whole core, and only there', () => {
  const of = (median) => ({ cpuPerMillion: summarize([1]), generatorPercent: summarize([median]) });
  const limited = { ...results['burst-1000'], targets: { telltale: of(94), bun: of(96) } };
  const [, , first] = figuresTable(scenarios, { 'burst-1000': limited }).split('\n');
  assert.equal(first, `| ${burst.title} | CPU s per million deliveries | 1.00 | | | 1.00 † | | 7 % |`);
  assert.match(figuresTable(generating, { 'burst-1000': limited }), /% of its core \| 94\.0 \| \| \| 96\.0 † \|/);
});

test('a figure that no result has yet has no table', () => {
  assert.equal(figuresTable(generating, results), undefined);
  assert.equal(
    between('<!-- bench:generator -->\nnot yet\n<!-- /bench:generator -->', 'generator', undefined),
    undefined,
  );
});

test('a quick run of everything measures for about a minute, and a whole one takes its time', () => {
  const secondsOf = (isQuick) =>
    scenarios.reduce((sum, scenario) => {
      const { rounds, seconds, warmSeconds } = paceOf(scenario, { isQuick });
      return sum + scenario.targets.length * rounds * (seconds + warmSeconds);
    }, 0);
  assert.ok(secondsOf(true) <= 65, `${secondsOf(true)} s`);
  assert.ok(secondsOf(false) > 600, `${secondsOf(false)} s`);
});

test('goals that could not be measured say so', () => {
  const rows = goalsTable(scenarios, results).split('\n').slice(2);
  assert.equal(rows[0], `| ${burst.title} | Telltale | \`ws\` | ≥ 15 × | 15.0 × | yes |`);
  assert.equal(rows[1], `| ${burst.title} | Telltale | Socket.IO | ≥ 12 × | not measured | |`);
});

test('a table replaces what stands between its markers, and nothing else', () => {
  const document = 'before\n<!-- bench:figures -->\nold\n<!-- /bench:figures -->\nafter\n';
  const expected = 'before\n<!-- bench:figures -->\nnew\n<!-- /bench:figures -->\nafter\n';
  assert.equal(between(document, 'figures', 'new'), expected);
  assert.equal(between(expected, 'figures', 'new'), expected);
  assert.equal(between(document, 'goals', 'new'), undefined);
});

test('every scenario names servers that exist, and goals only of what it measures', () => {
  for (const { targets: names, goals, figures } of scenarios) {
    for (const name of names) assert.ok(targets[name] !== undefined, name);
    for (const { of, against = of, figure } of goals) {
      assert.ok(names.includes(of) && names.includes(against) && figures.includes(figure), `${of} ${figure}`);
    }
  }
});
