// Goes to one row of an output once, as soon as it is here.

import { useEffect, useRef } from 'react';
import type { OutputRow } from './rows.ts';

export function useGoTo(rows: readonly OutputRow[], key: string | undefined, go: (index: number) => void): void {
  const gone = useRef<string>(undefined);
  useEffect(() => {
    if (key === undefined || gone.current === key) return;
    const index = rows.findLastIndex((row) => row.key === key);
    if (index === -1) return;
    gone.current = key;
    go(index);
  });
}
