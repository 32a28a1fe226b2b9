// Runs: what machines and programs execute now and have executed, live. What is under way comes first.

import { useCallback, useMemo, type ReactElement } from 'react';
import { useLine } from '../../live/live.tsx';
import { useOlderRuns } from '../../live/runs/use-older-runs.ts';
import { useRuns } from '../../live/runs/use-runs.ts';
import { changeQuery, useQuery } from '../../router/router.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Search } from '../../ui/search.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Thread } from '../../ui/thread.tsx';
import { clock } from '../../words/time.ts';
import { grouped } from '../../words/units.ts';
import { useFrozen } from '../machine/pause.tsx';
import { PageFrame } from '../shell/shell.tsx';
import { OlderRuns } from './older-runs.tsx';
import { isUnderWay } from './run-words.ts';
import { RunsGrid, useListed } from './runs-grid.tsx';
import styles from './runs.module.css';
import { chips, countsOf, filtered, ordered, orderFrom, orderWords, usualOrder, type RunOrder } from './runs-model.ts';

export function Runs(): ReactElement {
  const { rows: inTable, isRead, denied } = useFrozen(useRuns());
  const older = useOlderRuns(inTable);
  const { rows } = older;
  const line = useLine();
  const runs = useListed(rows);
  const query = useQuery();
  const chip = chips.find(({ id }) => id === query.get('state'))?.id;
  const text = query.get('find') ?? '';
  const [column, direction] = [query.get('sort'), query.get('direction')];
  const order = useMemo(() => orderFrom(column, direction), [column, direction]);
  const shown = useMemo(() => ordered(filtered(runs, { chip, text }), order), [runs, chip, text, order]);
  const sort = useCallback((next: RunOrder) => {
    const isUsual = next.column === usualOrder.column && next.direction === usualOrder.direction;
    changeQuery(isUsual ? { sort: undefined, direction: undefined } : { sort: next.column, direction: next.direction });
  }, []);
  const running = rows.filter(isUnderWay).length;
  const sub =
    !line.isUp && line.heardAt !== undefined ? `as of ${clock(line.heardAt)}` : `${grouped(running)} under way`;
  return (
    <PageFrame title="Runs" {...(rows.length > 0 ? { sub } : {})}>
      {denied ? (
        <Notice kind="refused" title="Refused: no right to the list of runs, 4403">
          Runs are for people who have signed in.
        </Notice>
      ) : rows.length === 0 ? (
        <NoRuns isRead={isRead} />
      ) : (
        <>
          <div className={styles.filters}>
            <Search
              label="Filter runs"
              placeholder="Filter by name or agent"
              value={text}
              onChange={(find) => changeQuery({ find })}
            />
            <Chips rows={rows} chip={chip} />
            <span className={styles.sorted}>{orderWords(order)}</span>
            <span className="sr" role="status">
              {text === '' && chip === undefined ? '' : `${shown.length} of ${rows.length} shown`}
            </span>
          </div>
          <section className={styles.list} aria-label="Runs">
            {shown.length === 0 ? (
              <p className={styles.none}>No run is called so, or stands so.</p>
            ) : (
              <RunsGrid label="Runs" runs={shown} order={order} onOrder={sort} />
            )}
            <OlderRuns older={older} />
          </section>
        </>
      )}
    </PageFrame>
  );
}

function Chips({
  rows,
  chip,
}: {
  readonly rows: Parameters<typeof countsOf>[0];
  readonly chip: string | undefined;
}): ReactElement {
  const counts = useMemo(() => countsOf(rows), [rows]);
  const press = (id: string | undefined): void => changeQuery({ state: id === chip ? undefined : id });
  return (
    <div className={styles.chips} role="group" aria-label="State">
      <Chip text="All" count={rows.length} isPressed={chip === undefined} onPress={() => press(undefined)} />
      {chips.map(({ id, text, thread }) => (
        <Chip
          key={id}
          text={text}
          {...(thread === undefined ? {} : { thread })}
          count={counts.get(id) ?? 0}
          isPressed={chip === id}
          onPress={() => press(id)}
        />
      ))}
    </div>
  );
}

function NoRuns({ isRead }: { readonly isRead: boolean }): ReactElement {
  if (!isRead) {
    return (
      <section className={styles.list} aria-label="Runs">
        <p className={styles.none}>
          <Thread state="none" /> no data yet
        </p>
      </section>
    );
  }
  return (
    <section className={styles.list} aria-label="Runs">
      <div className={styles.empty}>
        <Thread state="none" size="wide" />
        <h2>No runs yet</h2>
        <p>Put this in front of any command to see it here, live:</p>
        <Snippet text="telltale run -- ./job.sh" />
      </div>
    </section>
  );
}
