// `npm run soak -- --minutes 30`: leaves a dashboard open in Chromium while everything reports at its full rate, takes it
// through its pages, and prints each minute what it holds; in the end whether it returned to its level. Ctrl-C ends it
// early, with the verdict of what was seen.

import { performance } from 'node:perf_hooks';
import { build } from './build.mjs';
import { Fault, isProgram, main } from './run.mjs';
import { openDashboard } from './soak-page.mjs';
import { setStage } from './soak-stage.mjs';
import { headLine, judged, sampleLine, verdictOf } from './soak-verdict.mjs';

const mostMinutes = 24 * 60;

/**
 * Goes round until it is over, with one sample for each round.
 *
 * @param {{ stage: import('./soak-stage.mjs').Stage, dashboard: Awaited<ReturnType<typeof openDashboard>>,
 *   paths?: readonly string[], roundMs: number, isOver: (samples: readonly Sample[]) => boolean,
 *   onSample?: (sample: Sample) => void | Promise<void> }} options
 *
 * @typedef {import('./soak-verdict.mjs').Sample} Sample
 */
export async function soak({ stage, dashboard, paths = stage.paths, roundMs, isOver, onSample }) {
  const samples = [];
  const began = performance.now();
  while (!isOver(samples)) {
    await dashboard.round(paths, roundMs);
    const measured = await dashboard.measure();
    const sample = { ...measured, hubBytes: await stage.hubBytes(), atMs: performance.now() - began };
    samples.push(sample);
    await onSample?.(sample);
  }
  return samples;
}

async function run(minutes, roundMs) {
  await build();
  let isEnded = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      isEnded = true;
      console.log('Ends after this round.');
    });
  }
  const stage = await setStage();
  try {
    const dashboard = await openDashboard(stage.link);
    try {
      console.log(headLine);
      const samples = await soak({
        stage,
        dashboard,
        roundMs,
        isOver: (all) => isEnded || (all.at(-1)?.atMs ?? 0) >= minutes * 60_000,
        onSample: (sample) => console.log(sampleLine(sample)),
      });
      if (dashboard.faults.length > 0) throw new Fault(`The page failed:\n${dashboard.faults.join('\n')}`);
      const counted = judged(samples);
      const verdict = verdictOf(counted);
      if (verdict.kind === 'too-short') throw new Fault('Too few samples for a verdict: give it more minutes.');
      console.log(`\nFrom minute ${(counted[0].atMs / 60_000).toFixed(1)} on, ${counted.length} samples:`);
      console.log(verdict.words.map((words) => `  ${words}`).join('\n'));
      if (verdict.kind === 'grew') throw new Fault('It did not return to its level.');
      console.log('It returned to its level.');
    } finally {
      await dashboard.close();
    }
  } finally {
    await stage.stop();
  }
}

/** The number behind a flag. */
function numberOf(args, flag, otherwise, most) {
  const at = args.indexOf(flag);
  if (at < 0) return otherwise;
  const value = Number(args[at + 1]);
  if (!(value > 0 && value <= most))
    throw new Fault(`${flag}: found ${JSON.stringify(args[at + 1])}, expected a number up to ${most}`);
  return value;
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const args = process.argv.slice(2);
    await run(numberOf(args, '--minutes', 30, mostMinutes), numberOf(args, '--every', 60, 3600) * 1_000);
  });
}
