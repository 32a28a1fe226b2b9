// What a scenario is, and the list of them. Each is one file with a description and nothing else.

import { burst1000 } from '../scenarios/burst-1000.mjs';
import { burst5000 } from '../scenarios/burst-5000.mjs';
import { channels } from '../scenarios/channels.mjs';
import { compressed } from '../scenarios/compressed.mjs';
import { handshakes } from '../scenarios/handshakes.mjs';
import { idle } from '../scenarios/idle.mjs';
import { latency } from '../scenarios/latency.mjs';
import { single } from '../scenarios/single.mjs';
import { table } from '../scenarios/table.mjs';

/**
 * @typedef {object} Load what the generator does
 * @property {'closed' | 'open' | 'idle' | 'accept'} mode closed: so many updates outstanding; open: so many a second;
 *   idle: nothing; accept: handshakes, `viewers` of them at once
 * @property {number} viewers
 * @property {number} [outstanding]
 * @property {number} [rate] updates a second
 * @property {string} [template] what a message says, as the inside of a JSON object, `#` for each digit that changes; 200
 *   bytes of random letters unless said
 * @property {number} seconds of measuring; in a closed loop of the server's processor time
 * @property {number} [warmSeconds] before that, for what is compiled while it runs; 1 unless said
 */

/**
 * @typedef {object} Scenario
 * @property {string} name as `npm run bench -- <name>` takes it
 * @property {string} title as the table shows it
 * @property {Load} load
 * @property {number} [channels] read by each viewer and written in turn; 1 unless said
 * @property {number} [keys] of a table; absent: streams
 * @property {readonly string[]} targets
 * @property {readonly string[]} figures the first is the one of the table's first row
 * @property {readonly { of: string, figure: string, against?: string, atLeast?: number, atMost?: number }[]} goals
 */

/** @type {readonly Scenario[]} */
export const scenarios = [burst1000, burst5000, single, latency, table, channels, compressed, idle, handshakes];

const isWorking = ({ load }) => load.mode !== 'idle';
const workingFor = (figure) => scenarios.filter(isWorking).map((scenario) => ({ ...scenario, figures: [figure] }));

/** Those in which the server works, with the share of it that no program can win back as their one figure. */
export const working = workingFor('kernelPercent');
/** The same with what the load generator took of its core. */
export const generating = workingFor('generatorPercent');

/**
 * How many rounds a scenario is measured in, and for how long each. Quick ones are short enough that all scenarios are
 * over in minutes, starting servers and connecting viewers included, which takes longer than the measuring.
 *
 * @param {Scenario} scenario
 * @param {{ isQuick: boolean, rounds?: number }} options
 */
export function paceOf(scenario, { isQuick, rounds = isQuick ? 2 : 5 }) {
  const { seconds, warmSeconds = 1 } = scenario.load;
  if (!isQuick) return { rounds, seconds, warmSeconds };
  // Memory does not move from round to round.
  return { rounds: isWorking(scenario) ? rounds : 1, seconds: 0.6, warmSeconds: 0.2 };
}
