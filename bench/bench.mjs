// `npm run bench`: Telltale's gateway beside its peers, in one run, round by round, so that what disturbs the machine
// disturbs all of them. `-- --quick` takes minutes and writes nothing; `-- burst-1000 idle` runs those alone, and `--write`
// puts their rows into the tables.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { install } from '../scripts/install.mjs';
import { Fault, main, root } from '../scripts/run.mjs';
import { generator } from './src/generator.mjs';
import { measure } from './src/measure.mjs';
import { benchFolder, findBun, findNchan, isPinned } from './src/processes.mjs';
import { between, figuresTable, goalsTable, ownTable, shown } from './src/report.mjs';
import { generating, paceOf, scenarios, working } from './src/scenario.mjs';
import { faultsOf, othersPercent, whyUnsound } from './src/soundness.mjs';
import { figures, summarize } from './src/statistics.mjs';
import { targets } from './src/targets.mjs';

const resultsFile = join(benchFolder, 'results.json');
/** Documents that may have markers for the tables. */
const documents = ['README.md', 'docs/delivery.md', 'docs/channels.md'];

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, write: { type: 'boolean' } },
  });
  const chosen = choose(positionals);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(rounds >= 1))
    throw new Fault(`--rounds ${values.rounds}: expected a number from 1 on.`);

  await install();
  await install(benchFolder);
  await build();
  const load = await generator();
  console.log(`Load generator in ${load.name}; ${isPinned ? 'servers on core 0, it on core 1' : 'cores are shared'}.`);

  const isWhole = chosen.length === scenarios.length && !values.quick;
  const isKept = values.write ?? isWhole;
  const measured = {};
  for (const scenario of chosen) {
    const pace = paceOf(scenario, { isQuick: values.quick, ...(rounds === undefined ? {} : { rounds }) });
    const runs = await runScenario(scenario, { load, ...pace });
    measured[scenario.name] = resultOf(scenario, runs);
    if (!isKept) continue;
    // After each, since somebody may stop it.
    const fault = whyUnsound([...runs.values()].flat());
    if (fault === undefined) write({ [scenario.name]: measured[scenario.name] });
    else console.log(`  ${scenario.name} is not kept: ${fault}`);
  }
  const figureTables = [chosen, working, generating].map((ofScenarios) => figuresTable(ofScenarios, measured));
  const tables = [...figureTables, goalsTable(chosen, measured)];
  console.log(`\n${tables.filter((text) => text !== undefined).join('\n\n')}`);
});

function choose(names) {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const all = scenarios.map(({ name }) => name).join(', ');
    throw new Fault(`There is no scenario ${unknown.join(', ')}: expected ${all}.`);
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}

/** The runs of each server, in the order of the rounds. */
async function runScenario(scenario, { load, rounds, seconds, warmSeconds }) {
  console.log(`\n${scenario.name}: ${scenario.title}`);
  const runs = new Map(scenario.targets.filter(isAvailable).map((name) => [name, []]));
  const order = [...runs];
  for (let round = 0; round < rounds; round++) {
    for (const [name, ofTarget] of order) {
      const run = await measure(scenario, name, { generator: load, seconds, warmSeconds });
      ofTarget.push(run);
      console.log(`  ${name.padEnd(20)}${describe(scenario, run)}`);
    }
    // A machine may slow down in the course of a round: each server stands at another place in the next one.
    order.push(order.shift());
  }
  return runs;
}

function resultOf(scenario, runs) {
  const isStill = scenario.load.mode === 'idle';
  const kept = isStill ? scenario.figures : [...scenario.figures, 'kernelPercent', 'generatorPercent'];
  const summaries = [...runs].map(([name, ofTarget]) => [
    name,
    Object.fromEntries(kept.map((figure) => [figure, summarize(ofTarget.map(figures[figure].of))])),
  ]);
  const others = isStill ? {} : { others: summarize([...runs.values()].flat().map(othersPercent)) };
  return { measuredAt: new Date().toISOString(), ...others, targets: Object.fromEntries(summaries) };
}

function isAvailable(name) {
  const { runtime, column } = targets[name];
  const isHere = runtime === 'node' || (runtime === 'bun' ? findBun() : findNchan()) !== undefined;
  if (!isHere) console.log(`  ${column} is not on this machine and is left out.`);
  return isHere;
}

function describe({ figures: names, load }, run) {
  const all = names.map((name) => `${shown(figures[name].of(run))} ${figures[name].unit}`);
  if (load.mode === 'idle') return [...all, ...faultsOf(run)].join(', ');
  const percent = (value) => `${Math.round(value)} %`;
  const rest = `generator ${percent(figures.generatorPercent.of(run))}, others ${percent(othersPercent(run))}`;
  return [...all, rest, ...faultsOf(run)].join(', ');
}

/** Keeps the results, and puts the tables of all of them into the documents that want them. */
function write(measured) {
  const kept = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const results = { ...kept.results, ...measured };
  writeFileSync(resultsFile, `${JSON.stringify({ machine, results }, undefined, 2)}\n`);
  for (const name of documents) {
    const path = join(root, name);
    if (!existsSync(path)) continue;
    let text = readFileSync(path, 'utf8');
    text = between(text, 'figures', figuresTable(scenarios, results)) ?? text;
    text = between(text, 'kernel', figuresTable(working, results)) ?? text;
    text = between(text, 'generator', figuresTable(generating, results)) ?? text;
    text = between(text, 'own', ownTable(scenarios, results)) ?? text;
    text = between(text, 'goals', goalsTable(scenarios, results)) ?? text;
    writeFileSync(path, text);
  }
}
