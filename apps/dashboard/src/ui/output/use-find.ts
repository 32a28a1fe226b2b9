// Looking for a text in an output while it grows: how many rows hold it, which one is gone to, and what is not looked
// through because it is not here.

import { useEffect, useMemo, useRef, useState } from 'react';
import { createFinder, needleOf, stepFrom, type Needle } from './find.ts';
import type { OutputRow } from './rows.ts';

export interface Finding {
  readonly typed: string;
  readonly setTyped: (typed: string) => void;
  readonly needle: Needle | undefined;
  readonly count: number;
  /** Which of them is gone to, from 1; 0: none so far. */
  readonly place: number;
  readonly currentKey: string | undefined;
  readonly step: (step: 1 | -1) => void;
}

/** While rows come, they are looked through so often, in milliseconds. */
const everyMs = 200;

export function useFind(rows: readonly OutputRow[], version: object, onGo: (index: number) => void): Finding {
  const [typed, setTyped] = useState('');
  const [currentKey, setCurrentKey] = useState<string>();
  const needle = useMemo(() => needleOf(typed), [typed]);
  const find = useMemo(() => (needle === undefined ? undefined : createFinder(needle)), [needle]);
  const pacedVersion = usePaced(version, find !== undefined);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the rows change in place, and the version says when
  const found = useMemo(() => find?.(rows) ?? [], [find, rows, pacedVersion]);
  return {
    typed,
    setTyped(next) {
      setTyped(next);
      setCurrentKey(undefined);
    },
    needle,
    count: found.length,
    place: found.findIndex(({ key }) => key === currentKey) + 1,
    currentKey,
    step(step) {
      const row = stepFrom(found, currentKey, step);
      if (row === undefined) return;
      setCurrentKey(row.key);
      const index = rows.findIndex(({ key }) => key === row.key);
      if (index >= 0) onGo(index);
    },
  };
}

/** The value, a moment later while it changes often; at once when `isOn` turns. */
function usePaced<Value>(value: Value, isOn: boolean): Value {
  const [paced, setPaced] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    if (!isOn) return undefined;
    setPaced(latest.current);
    const timer = setInterval(() => setPaced(latest.current), everyMs);
    return () => clearInterval(timer);
  }, [isOn]);
  return paced;
}
