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
 * @property {number} seconds of measuring; `--quick` takes 1. In a closed loop of the server's processor time
 * @property {number} [warmSeconds] before that, for what is compiled while it runs; 1 unless said, or with `--quick` 0.3
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

/** Those in which the server works, with the share of it that no program can win back as their one figure. */
export const working = scenarios
  .filter(({ load }) => load.mode !== 'idle')
  .map((scenario) => ({ ...scenario, figures: ['kernelPercent'] }));
