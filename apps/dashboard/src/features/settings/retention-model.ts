// What an administrator types about how long things are kept, and what the hub is told. Pure. The bounds are the hub's.

import type { Retention } from '@telltale/hub/api';

export const sizeUnits = ['MiB', 'GiB'] as const;
type SizeUnit = (typeof sizeUnits)[number];

/** As typed. */
export interface Kept {
  readonly days: string;
  readonly size: string;
  readonly unit: string;
}

export interface RetentionForm {
  readonly runs: Kept;
  readonly logs: Kept;
}

const mebibyte = 1024 * 1024;
const factors: Readonly<Record<SizeUnit, number>> = { MiB: mebibyte, GiB: 1024 * mebibyte };
const mostDays = 3_650;
const mostBytes = 1024 * factors.GiB;

export function formOf({ runDays, runBytes, logDays, logBytes }: Retention): RetentionForm {
  return {
    runs: { days: String(runDays), ...sizeOf(runBytes) },
    logs: { days: String(logDays), ...sizeOf(logBytes) },
  };
}

/** In the larger unit where that is a round number. */
function sizeOf(bytes: number): { readonly size: string; readonly unit: SizeUnit } {
  const unit = bytes % (factors.GiB / 2) === 0 ? 'GiB' : 'MiB';
  return { size: String(Math.round((bytes / factors[unit]) * 100) / 100), unit };
}

export interface KeptFaults {
  readonly days?: string;
  readonly size?: string;
}

export type Typed =
  | { readonly kind: 'retention'; readonly retention: Retention }
  | { readonly kind: 'faults'; readonly runs: KeptFaults; readonly logs: KeptFaults };

/** What was typed as the hub takes it, or what is wrong with it, field by field. */
export function typed({ runs, logs }: RetentionForm): Typed {
  const faults = { runs: faultsOf(runs), logs: faultsOf(logs) };
  const isWrong = [faults.runs, faults.logs].some(({ days, size }) => days !== undefined || size !== undefined);
  if (isWrong) return { kind: 'faults', ...faults };
  return {
    kind: 'retention',
    retention: {
      runDays: Number(runs.days),
      runBytes: bytesOf(runs),
      logDays: Number(logs.days),
      logBytes: bytesOf(logs),
    },
  };
}

function bytesOf({ size, unit }: Kept): number {
  return Math.round(Number(size) * factors[unit as SizeUnit]);
}

function faultsOf(kept: Kept): KeptFaults {
  const days = kept.days.trim() === '' ? Number.NaN : Number(kept.days);
  const bytes = kept.size.trim() === '' ? Number.NaN : bytesOf(kept);
  return {
    ...(Number.isInteger(days) && days >= 1 && days <= mostDays ? {} : { days: 'Whole days, from 1 to 3650' }),
    ...(bytes >= mebibyte && bytes <= mostBytes ? {} : { size: 'From 1 MiB to 1024 GiB' }),
  };
}

/** Whether something that is kept now would go at once. */
export function letsGo(before: Retention, after: Retention): boolean {
  return (Object.keys(before) as (keyof Retention)[]).some((name) => after[name] < before[name]);
}
