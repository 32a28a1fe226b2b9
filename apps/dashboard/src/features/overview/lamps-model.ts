// The lamps over the overview: dark when all is well, lit for something a person should look at, hatched where this
// page cannot know. Pure.

import type { Sample } from '@telltale/agent/sample';
import type { Cause, ConnectionState } from '../../live/connection.ts';
import type { AgentsLamp } from '../agents/agents-lamp.ts';
import { refusalsLampOf, type RefusedReason } from '../connections/refusals-lamp.ts';
import { bytes, counted, grouped, milliseconds, short, together } from '../../words/units.ts';
import { ago, duration } from '../../words/time.ts';
import { fullestDisk, sustainedLevel, tilesOf, type Level, type TileId } from '../machine/tiles-model.ts';

export type LampLight = 'dark' | 'warn' | 'crit' | 'refused' | 'unknown';

export interface Lamp {
  readonly id: string;
  /** As engraved; shown in upper case. */
  readonly legend: string;
  readonly light: LampLight;
  readonly says: string;
  /** The id of the element that shows the cause, or the page that does. */
  readonly cause?: string;
}

export interface LampQuestion {
  readonly line: ConnectionState;
  readonly roundTripMs: number | undefined;
  readonly samples: readonly Sample[];
  /** Whether the hub was heard after its source fell silent. */
  readonly sourceSilent: boolean;
  /** Undefined: the list of agents has not been read. */
  readonly agents: AgentsLamp | undefined;
  /** What was refused, where this person may see it; `unread`: not yet known. */
  readonly refused: readonly RefusedReason[] | 'unread' | undefined;
  /** The hub's clock. */
  readonly now: number;
  /** Sessions that are behind, where this person may see them. */
  readonly behind: number | undefined;
  /** The page and its hub talk without TLS over a network. */
  readonly plainHttp: boolean;
}

export function lampsOf(question: LampQuestion): readonly Lamp[] {
  const { line, samples, now, plainHttp } = question;
  const hub = hubLamp(question);
  const transport: Lamp[] = plainHttp
    ? [{ id: 'transport', legend: 'Transport', light: 'warn', says: 'Not encrypted', cause: 'connection' }]
    : [];
  if (line.kind !== 'open') {
    const others = [
      'Source',
      'Agents',
      ...refusalsLamp(question).map(toLegend),
      ...machineLamps(samples).map(({ legend }) => legend),
      ...deliveryLamp(question).map(toLegend),
    ];
    return [hub, ...transport, ...others.map((legend) => unknown(legend))];
  }
  const source = sourceLamp(question);
  const machine = machineLamps(samples);
  const silent = isSilent(samples, now);
  return [
    hub,
    ...transport,
    source,
    agentsLamp(question),
    ...refusalsLamp(question),
    ...(silent ? machine.map(({ legend }) => unknown(legend)) : machine),
    ...deliveryLamp(question),
  ];
}

const toLegend = ({ legend }: Lamp): string => legend;
const unknown = (legend: string): Lamp => ({ id: legend.toLowerCase(), legend, light: 'unknown', says: 'Unknown' });

function hubLamp({ line, roundTripMs, samples, sourceSilent, now }: LampQuestion): Lamp {
  const base = { id: 'hub', legend: 'Hub', cause: 'connection' } as const;
  switch (line.kind) {
    case 'open':
      if (isSilent(samples, now) && !sourceSilent) return { ...base, light: 'unknown', says: 'Nothing heard' };
      return {
        ...base,
        light: 'dark',
        says: roundTripMs === undefined ? 'Answers' : `Answers in ${milliseconds(roundTripMs)}`,
      };
    case 'idle':
      return { ...base, light: 'unknown', says: 'Unknown' };
    case 'connecting':
      return line.cause === undefined
        ? { ...base, light: 'unknown', says: 'Unknown' }
        : { ...base, light: 'crit', says: 'No answer' };
    case 'waiting':
      return { ...base, light: 'crit', says: 'No answer' };
    case 'offline':
      return { ...base, light: 'unknown', says: 'Unknown, no network' };
    case 'closed':
      return line.cause.code === 1000
        ? { ...base, light: 'unknown', says: 'Unknown' }
        : {
            ...base,
            light: 'refused',
            says: closedWords(line.cause),
          };
  }
}

function closedWords({ code, name }: Cause): string {
  if (name === 'token-session-ended') return 'Login ended';
  return code === 4410 ? 'Session ended' : `Refused, ${code}`;
}

function sourceLamp({ samples, sourceSilent, now }: LampQuestion): Lamp {
  const base = { id: 'source', legend: 'Source', cause: 'connection' } as const;
  const newest = samples.at(-1);
  if (newest === undefined) return { ...base, light: 'unknown', says: 'No data yet' };
  const age = now - newest.at;
  if (isSilent(samples, now)) {
    return sourceSilent
      ? { ...base, light: 'crit', says: `Silent, ${ago(age)}` }
      : { ...base, light: 'unknown', says: 'Unknown' };
  }
  if (age > 2 * newest.intervalMs) return { ...base, light: 'warn', says: `Late ${duration(age)}` };
  return { ...base, light: 'dark', says: `A sample each ${duration(newest.intervalMs)}` };
}

function isSilent(samples: readonly Sample[], now: number): boolean {
  const newest = samples.at(-1);
  return newest !== undefined && now - newest.at > 5 * newest.intervalMs;
}

function machineLamps(samples: readonly Sample[]): readonly Lamp[] {
  const newest = samples.at(-1);
  if (newest === undefined) return [unknown('CPU'), unknown('Memory'), unknown('Disk')];
  const tiles = tilesOf(samples);
  const level = (id: TileId): Level | undefined => tiles.find((tile) => tile.id === id)?.level;
  const lamp = (legend: string, id: TileId, says: string, lit: Level | undefined = level(id)): Lamp => ({
    id: legend.toLowerCase(),
    legend,
    light: lit ?? 'dark',
    says,
    cause: `tile-${id}`,
  });
  const disk = fullestDisk(newest);
  const { hub, temperature, memory } = newest;
  return [
    lamp(
      'CPU',
      'cpu',
      level('cpu') === undefined
        ? `Load ${short(newest.cpu.load[0])} on ${counted(newest.cpu.cores.length, 'core', 'cores')}`
        : 'Busy for over a minute',
    ),
    lamp('Memory', 'memory', `${together(bytes(memory.total - memory.used))} free`),
    ...(disk === undefined
      ? []
      : [lamp('Disk', 'disk', `${grouped((disk.used / disk.total) * 100)} % of ${disk.mount}`)]),
    ...(temperature === undefined ? [] : [lamp('Temp', 'temperature', `${grouped(temperature)} °C`)]),
    ...(hub === undefined
      ? []
      : [
          lamp(
            'Loop',
            'loop',
            `Longest ${milliseconds(hub.loopDelayMax)}`,
            sustainedLevel(samples, (sample) => sample.hub?.loopDelayP99, { warn: 100, crit: 200 }),
          ),
        ]),
  ];
}

function agentsLamp({ agents }: LampQuestion): Lamp {
  const base = { id: 'agents', legend: 'Agents' } as const;
  return agents === undefined ? { ...base, light: 'unknown', says: 'No data yet' } : { ...base, ...agents };
}

function refusalsLamp({ refused, now }: LampQuestion): readonly Lamp[] {
  if (refused === undefined) return [];
  const base = { id: 'refusals', legend: 'Refusals' } as const;
  if (refused === 'unread') return [{ ...base, light: 'unknown', says: 'No data yet' }];
  return [{ ...base, ...refusalsLampOf(refused, now) }];
}

function deliveryLamp({ behind }: LampQuestion): readonly Lamp[] {
  if (behind === undefined) return [];
  const says = behind === 0 ? 'Nobody behind' : `${counted(behind, 'session', 'sessions')} behind`;
  return [{ id: 'delivery', legend: 'Delivery', light: behind === 0 ? 'dark' : 'warn', says, cause: '/connections' }];
}

/** What the master lamp says: the highest level and how many lamps are lit; dark only where everything is known. */
export interface Master {
  readonly light: 'dark' | 'warn' | 'crit' | 'unknown';
  readonly count: number;
  readonly noun: string;
}

export function masterOf(lamps: readonly Lamp[]): Master {
  // A hub that refuses this page is an alarm; that it refused somebody else is for a person to look at today.
  const isCrit = ({ id, light }: Lamp): boolean => light === 'crit' || (light === 'refused' && id === 'hub');
  const crit = lamps.filter(isCrit).length;
  if (crit > 0) return { light: 'crit', count: crit, noun: crit === 1 ? 'warning' : 'warnings' };
  const warn = lamps.filter(({ light }) => light === 'warn' || light === 'refused').length;
  const hatched = lamps.filter(({ light }) => light === 'unknown').length;
  if (warn === 0 && hatched > 0) return { light: 'unknown', count: hatched, noun: 'unknown' };
  return { light: warn > 0 ? 'warn' : 'dark', count: warn, noun: warn === 1 ? 'caution' : 'cautions' };
}
