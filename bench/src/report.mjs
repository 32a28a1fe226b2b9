// Results as the tables of README and docs: what was measured, and how it stands against what was promised. Pure.

import { busyGeneratorPercent } from './soundness.mjs';
import { figures, standing } from './statistics.mjs';
import { targets } from './targets.mjs';

/**
 * @typedef {import('./statistics.mjs').Summary} Summary
 * @typedef {object} Result of one scenario
 * @property {string} measuredAt
 * @property {Summary} [others] what else the machine did meanwhile, in per cent of a core
 * @property {Record<string, Record<string, Summary>>} targets figure by name, by target
 */

const ownColumn = 'Telltale';

/** Three digits that mean something. */
export function shown(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/**
 * A row for each scenario, figure and way to run Telltale; a column for each server. Cells are medians with their range,
 * † where the generator was the limit. Undefined where there is no row.
 *
 * @param {readonly import('./scenario.mjs').Scenario[]} scenarios
 * @param {Record<string, Result>} results by scenario; those without one have no row
 */
export function figuresTable(scenarios, results) {
  const columns = [...new Set(Object.values(targets).map(({ column }) => column))];
  const rows = scenarios.flatMap((scenario) => {
    const result = results[scenario.name];
    return result === undefined
      ? []
      : scenario.figures.flatMap((figure) => figureRows(scenario, figure, result, columns));
  });
  return rows.length === 0 ? undefined : markdown(['', '', ...columns, 'others'], rows);
}

/** The peers stand beside the first way to run Telltale; each other way has a row of its own. */
function figureRows(scenario, figure, result, columns) {
  const ours = scenario.targets.filter((name) => targets[name].column === ownColumn);
  const peers = scenario.targets.filter((name) => targets[name].column !== ownColumn);
  const busy = result.others === undefined ? '' : `${Math.round(result.others.median)} %`;
  return ours.flatMap((own, index) => {
    const shownHere = index === 0 ? [own, ...peers] : [own];
    const cells = columns.map((column) => {
      const name = shownHere.find((target) => targets[target].column === column);
      const measured = name === undefined ? undefined : result.targets[name];
      return measured?.[figure] === undefined ? '' : cell(measured[figure], limitMark(measured));
    });
    if (cells.every((text) => text === '')) return [];
    const { variant } = targets[own];
    const row = [scenario.title, figures[figure].unit + (variant === undefined ? '' : `; ${variant}`), ...cells, busy];
    return [row];
  });
}

/** What Telltale costs, without its peers: for a page about choices. */
export function ownTable(scenarios, results) {
  const rows = scenarios.flatMap((scenario) => {
    const result = results[scenario.name];
    return result === undefined
      ? []
      : scenario.figures.flatMap((figure) =>
          figureRows(scenario, figure, result, [ownColumn]).map((row) => row.slice(0, -1)),
        );
  });
  return markdown(['', '', ownColumn], rows);
}

function cell({ median, min, max, rounds }, mark) {
  return `${shown(median)}${mark}${rounds === 1 ? '' : ` (${shown(min)}–${shown(max)})`}`;
}

/** Beside a figure whose generator had its whole core: the server may not have been the limit. */
function limitMark({ generatorPercent }) {
  return generatorPercent !== undefined && generatorPercent.median > busyGeneratorPercent ? ' †' : '';
}

/** A row for each goal of each scenario: expected, measured. */
export function goalsTable(scenarios, results) {
  const rows = scenarios.flatMap(({ name, title, goals }) => {
    const result = results[name];
    if (result === undefined) return [];
    return goals.map((goal) => {
      const stands = standing(goal, (target, figure) => result.targets[target]?.[figure]);
      const { of, against, figure, atLeast, atMost } = goal;
      const isRatio = against !== undefined;
      const expected = isRatio ? `≥ ${atLeast} ×` : `≤ ${atMost} ${figures[figure].unit}`;
      const found = stands === undefined ? 'not measured' : `${shown(stands.value)}${isRatio ? ' ×' : ''}`;
      const verdict = stands === undefined ? '' : stands.isMet ? 'yes' : 'no';
      return [title, titleOf(of), isRatio ? titleOf(against) : '', expected, found, verdict];
    });
  });
  return markdown(['', 'of', 'against', 'at least, or at most', 'measured', 'met'], rows);
}

const titleOf = (name) => [targets[name].column, targets[name].variant].filter(Boolean).join(', ');

function markdown(head, rows) {
  const line = (cells) => `|${cells.map((text) => (text === '' ? ' |' : ` ${text} |`)).join('')}`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Puts a text between its markers, wherever a document has them; undefined where it has none, or there is no text. */
export function between(document, name, text) {
  const begin = `<!-- bench:${name} -->`;
  const end = `<!-- /bench:${name} -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from || text === undefined) return undefined;
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
