// What was refused and what has ended, by its reason: one line each, the cure and the rows under it when it is opened.

import { memo, useCallback, useMemo, useRef, useState, type ReactElement } from 'react';
import { changeQuery, useQuery } from '../../router/router.tsx';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Segments } from '../../ui/segments.tsx';
import { Thread } from '../../ui/thread.tsx';
import styles from './connections.module.css';
import { isFound } from './happenings.ts';
import { ReasonGroup } from './reason-group.tsx';
import { reasonsOf } from './reasons-model.ts';
import { rangeFrom, rangeMs, ranges, type Range } from './range.ts';
import type { Connections } from './use-connections.ts';

/** Drawn anew when something happened, not each second. */
export const ReasonsPanel: typeof Drawn = memo(Drawn) as typeof Drawn;

function Drawn({
  happenings,
  rates,
  now,
  isUp,
  isRead,
  text,
}: Pick<Connections, 'happenings' | 'rates' | 'isUp' | 'isRead'> & {
  /** In steps: what is some seconds older matters to nobody. */
  readonly now: number;
  readonly text: string;
}): ReactElement {
  const range = rangeFrom(useQuery().get('range'));
  const from = now - rangeMs(range);
  const reasons = useMemo(
    () => reasonsOf(happenings.filter((row) => row.last >= from && isFound(row, text))),
    [happenings, from, text],
  );
  const [opened, setOpened] = useState<Readonly<Record<string, boolean>>>({});
  // The gravest stands open, so that its cure is read without a press; which one that was does not change under a reader.
  const first = useRef<string>(undefined);
  first.current ??= reasons.find(({ tone }) => tone === 'refused')?.key;
  const toggle = useCallback((key: string, isOpen: boolean) => setOpened((last) => ({ ...last, [key]: isOpen })), []);
  const oldest = happenings.at(-1)?.first ?? now;
  const begin = range === 'all' ? Math.min(oldest, now - rangeMs('15m')) : from;
  const span = useMemo(() => ({ from: begin, to: now }), [begin, now]);
  return (
    <Panel
      title="Refused and ended"
      note={isUp ? 'grouped by reason, with the cure' : 'as it was when the hub was last heard'}
      ruled
      id="refused"
      tools={
        <Segments<Range>
          label="Time range"
          options={ranges}
          value={range}
          onChange={(value) => changeQuery({ range: value === '15m' ? undefined : value })}
        />
      }
    >
      {reasons.length === 0 ? (
        <PanelText>
          {!isRead ? (
            <span className={styles.waiting}>
              <Thread state="none" /> no data yet
            </span>
          ) : text === '' ? (
            `Nothing was refused and nothing has ended ${rangeWords[range]}.`
          ) : (
            `Nothing that was refused or has ended ${rangeWords[range]} says so.`
          )}
        </PanelText>
      ) : (
        <ul className={styles.reasons}>
          {reasons.map((reason) => (
            <ReasonGroup
              key={reason.key}
              reason={reason}
              range={range}
              span={span}
              rates={reasons.filter(({ name }) => name === reason.name).length === 1 ? rates : undefined}
              now={now}
              isUp={isUp}
              isOpen={opened[reason.key] ?? reason.key === first.current}
              onToggle={toggle}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

const rangeWords: Readonly<Record<Range, string>> = {
  '15m': 'in the last 15 min',
  '24h': 'in the last 24 h',
  all: 'as far as the hub remembers',
};
