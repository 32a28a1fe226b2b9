// What the client finds out about why there is no line: looked into once when this is mounted, and again when told to.

import type { Diagnosis } from '@telltale/client';
import { useConnection } from '@telltale/client/react';
import { useCallback, useEffect, useState } from 'react';

export type { Diagnosis, DiagnosisCheck } from '@telltale/client';

export interface Examination {
  /** What the newest look that is over has found. */
  readonly found: Diagnosis | undefined;
  readonly isRunning: boolean;
  readonly again: () => void;
}

/** Fetches what examines a line, which is needed when nothing can be fetched. */
export const loadExamination = (): Promise<unknown> => import('@telltale/client/diagnose');

export function useDiagnosis(): Examination {
  const { connection } = useConnection();
  const [turn, setTurn] = useState(0);
  const [over, setOver] = useState<{ readonly turn: number; readonly found: Diagnosis }>();
  useEffect(() => {
    let isLeft = false;
    void connection.diagnose().then((found) => {
      if (!isLeft) setOver({ turn, found });
    });
    return () => {
      isLeft = true;
    };
  }, [connection, turn]);
  const again = useCallback(() => setTurn((last) => last + 1), []);
  return { found: over?.found, isRunning: over?.turn !== turn, again };
}
