// The output of a channel for a component: `runs/<run>` or `logs/<agent>/<file>`, live while it is mounted.

import type { HistoryPage } from '@telltale/hub/api';
import { useSharedConnection } from '@telltale/client/react';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { ApiFailure } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { inFrame } from '../frame-cost.ts';
import type { FetchPage } from './fetch-hole.ts';
import type { LineCount } from './held.ts';
import { createOutputLog, type OutputLog, type OutputView } from './output-log.ts';

export interface Output {
  readonly view: OutputView;
  readonly log: OutputLog;
}

/** @param known so many lines end at or before an offset, where a snapshot says so: then lines have their numbers */
export function useOutput(channel: string, known?: LineCount): Output {
  const connection = useSharedConnection();
  const { session } = useSession();
  const log = useMemo(() => {
    const fetchPage: FetchPage = async ({ epoch, offset }, limit) => {
      try {
        return await session.call<HistoryPage>(
          `/api/channels/${channel}/messages?before=${epoch}:${offset}&limit=${limit}`,
        );
      } catch (error) {
        if (error instanceof ApiFailure && error.reason === 'epoch-changed') return 'other-epoch';
        throw error;
      }
    };
    return createOutputLog({ connection, channel, fetchPage, frame: inFrame });
  }, [connection, channel, session]);
  const view = useSyncExternalStore(log.subscribe, log.get);
  const { epoch, offset, lines } = known ?? {};
  useEffect(() => {
    if (epoch !== undefined && offset !== undefined && lines !== undefined) log.count({ epoch, offset, lines });
  }, [log, epoch, offset, lines]);
  return { view, log };
}
