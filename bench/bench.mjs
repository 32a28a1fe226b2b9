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
import { between, figuresTable, goalsTable, shown } from './src/report.mjs';
import { scenarios, working } from './src/scenario.mjs';
import { figures, summarize } from './src/statistics.mjs';
import { targets } from './src/targets.mjs';

const resultsFile = join(benchFolder, 'results.json');
/** Documents that may have markers for the tables. */
const documents = ['README.md', 'docs/delivery.md'];
/** Above this share of a core the generator may be what is measured. */
const busyGenerator = 0.95;
/** Above this share of a core the others are part of what is measured. */
const mostOthersPercent = 40;

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, write: { type: 'boolean' } },
  });
  const chosen = choose(positionals);
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  if (!(rounds >= 1)) throw new Fault(`--rounds ${values.rounds}: expected a number from 1 on.`);

  await install();
  await install(benchFolder);
  await build();
  const load = await generator();
  console.log(`Load generator in ${load.name}; ${isPinned ? 'servers on core 0, it on core 1' : 'cores are shared'}.`);

  const isWhole = chosen.length === scenarios.length && !values.quick;
  const isKept = values.write ?? isWhole;
  const measured = {};
  for (const scenario of chosen) {
    measured[scenario.name] = await runScenario(scenario, { load, rounds, isQuick: values.quick });
    // After each, since somebody may stop it.
    if (isKept && isSound(scenario, measured[scenario.name])) write({ [scenario.name]: measured[scenario.name] });
  }
  const tables = [figuresTable(chosen, measured), figuresTable(working, measured), goalsTable(chosen, measured)];
  console.log(`\n${tables.join('\n\n')}`);
});

function choose(names) {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const all = scenarios.map(({ name }) => name).join(', ');
    throw new Fault(`There is no scenario ${unknown.join(', ')}: expected ${all}.`);
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}

async function runScenario(scenario, { load, rounds, isQuick }) {
  console.log(`\n${scenario.name}: ${scenario.title}`);
  const runs = new Map(scenario.targets.filter(isAvailable).map((name) => [name, []]));
  const seconds = isQuick ? 1 : scenario.load.seconds;
  const warmSeconds = scenario.load.warmSeconds ?? (isQuick ? 0.3 : 1);
  const isStill = scenario.load.mode === 'idle';
  for (let round = 0; round < (isStill && isQuick ? 1 : rounds); round++) {
    for (const [name, ofTarget] of runs) {
      const run = await measure(scenario, name, { generator: load, seconds, warmSeconds });
      ofTarget.push(run);
      console.log(`  ${name.padEnd(14)}${describe(scenario, run)}`);
    }
  }
  const kept = isStill ? scenario.figures : [...scenario.figures, 'kernelPercent'];
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

/** On a machine that others keep busy their caches and their turns are measured too, and ratios come out wrong. */
function isSound({ name }, { others }) {
  if (others === undefined || others.median <= mostOthersPercent) return true;
  const found = `others had ${Math.round(others.median)} % of a core, expected at most ${mostOthersPercent} %`;
  console.log(`  ${name} is not kept: ${found}. Run it again when the machine is quiet.`);
  return false;
}

/** What the rest of the machine did meanwhile, in per cent of a core. */
function othersPercent({ foreignSeconds, seconds }) {
  return Math.max(0, (foreignSeconds / seconds) * 100);
}

function describe({ figures: names, load }, run) {
  const all = names.map((name) => `${shown(figures[name].of(run))} ${figures[name].unit}`);
  if (load.mode === 'idle') return all.join(', ');
  const share = (seconds) => `${Math.round((seconds / run.seconds) * 100)} %`;
  const faults = [
    run.ownSeconds / run.seconds > busyGenerator ? 'THE GENERATOR IS THE LIMIT' : '',
    run.wrong > 0 ? `${run.wrong} OUT OF ORDER` : '',
    run.failed > 0 ? `${run.failed} FAILED` : '',
  ];
  const rest = `generator ${share(run.ownSeconds)}, others ${Math.round(othersPercent(run))} %`;
  return [...all, rest, ...faults.filter((fault) => fault !== '')].join(', ');
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
    text = between(text, 'goals', goalsTable(scenarios, results)) ?? text;
    writeFileSync(path, text);
  }
}
