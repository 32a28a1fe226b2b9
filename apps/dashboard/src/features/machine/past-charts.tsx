// The charts of a machine at a moment of the past: where a card of a message leads.

import { useEffect, useMemo, useRef, type ReactElement } from 'react';
import { findHoles } from '../../live/holes.ts';
import { usePastSamples } from '../../live/use-past-samples.ts';
import { navigate } from '../../router/router.tsx';
import { failureWords } from '../../session/api.ts';
import type { ChartSpan } from '../../ui/chart/chart-columns.ts';
import { Button } from '../../ui/button.tsx';
import { clock, dayOr } from '../../words/time.ts';
import { Charts } from './charts.tsx';
import styles from './machine.module.css';
import type { Machine } from './use-machine.ts';

export function PastCharts({ live, span }: { readonly live: Machine; readonly span: ChartSpan }): ReactElement {
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
  const said =
    view.kind === 'failed'
      ? `It was not loaded. ${failureWords(view.error)}`
      : past?.samples.length === 0
        ? 'No samples of that time are kept any more.'
        : 'As it was then.';
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
      <Charts machine={machine} />
    </>
  );
}
