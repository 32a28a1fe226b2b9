// The charts of a machine at a moment of the past: where a card of a message leads.

import { useEffect, useMemo, useRef, type ReactElement } from 'react';
import { findHoles } from '../../live/holes.ts';
import { usePastSamples } from '../../live/use-past-samples.ts';
import { navigate } from '../../router/router.tsx';
import { failureWords } from '../../session/api.ts';
import type { ChartSpan } from '../../ui/chart/chart-columns.ts';
import { Button } from '../../ui/button.tsx';
import { clock, dayOr } from '../../words/time.ts';
import type { MessagePlace } from '../chat/cards/card-paths.ts';
import { useSharedChart } from '../chat/cards/use-shared-chart.ts';
import { Charts } from './charts.tsx';
import styles from './machine.module.css';
import { pastWords, sharedPicture } from './past-words.ts';
import type { Machine } from './use-machine.ts';

export function PastCharts({
  live,
  span,
  place,
}: {
  readonly live: Machine;
  readonly span: ChartSpan;
  /** The message that leads here. */
  readonly place: MessagePlace | undefined;
}): ReactElement {
  const view = usePastSamples(live.agent, span);
  const bar = useRef<HTMLDivElement>(null);
  const { from, to } = span;
  useEffect(() => {
    // Nothing is handed on: newer browsers answer with a promise, which is no way to undo an effect.
    void bar.current?.scrollIntoView({ block: 'nearest' });
  }, [from, to]);
  const past = view.kind === 'known' ? view.past : undefined;
  const machine = useMemo<Machine>(() => {
    const { samples, drops } = past ?? { samples: [], drops: [] };
    const holes = findHoles(samples, [], span.to, 'answers', drops);
    return { ...live, samples, holes, span, now: span.to, missed: 0, isPast: true };
  }, [live, past, span]);
  const [first] = past?.samples ?? [];
  // Those of the beginning go first; a machine may also have come later than the span begins.
  const isPart = past !== undefined && (first === undefined || first.at > from + first.intervalMs);
  const asked = useSharedChart(isPart ? place : undefined);
  const firstAt = first?.at;
  const shared = useMemo(
    () => (asked.kind === 'known' ? sharedPicture(asked.card, { agent: live.agent, span, firstAt }) : undefined),
    [asked, live.agent, span, firstAt],
  );
  const said =
    view.kind === 'failed'
      ? `It was not loaded. ${failureWords(view.error)}`
      : view.kind === 'asking' || asked.kind === 'asking'
        ? 'Asking the hub for that time.'
        : pastWords(firstAt, shared);
  return (
    <>
      <div className={styles.past} ref={bar}>
        <span>
          <b>
            {dayOr(clock, from, live.now)} to {dayOr(clock, to, live.now)}.
          </b>{' '}
          {said}
        </span>
        <Button size="small" onPress={() => navigate(location.pathname, 'replace')}>
          Show now
        </Button>
      </div>
      <Charts machine={machine} shared={shared} />
    </>
  );
}
