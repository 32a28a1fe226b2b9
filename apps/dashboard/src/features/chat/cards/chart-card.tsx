// A chart in a message: the range that was seen, drawn anew from the hub's store, with what was missing then.

import type { ChatCard } from '@telltale/hub/api';
import { useMemo, type ReactElement } from 'react';
import { findHoles } from '../../../live/holes.ts';
import type { PastSamples } from '../../../live/past-samples.ts';
import { usePastSamples } from '../../../live/use-past-samples.ts';
import { Link } from '../../../router/router.tsx';
import { failureWords } from '../../../session/api.ts';
import { SmallChart } from '../../../ui/chart/small-chart.tsx';
import { personName } from '../../../words/name.ts';
import { chartDefinitions, columnsOf, summaryOf, type ChartDefinition } from '../../machine/charts-model.ts';
import { spanWords } from '../chat-words.ts';
import styles from './cards.module.css';
import { momentPath } from './card-paths.ts';

type Chart = Extract<ChatCard, { type: 'chart' }>;

export function ChartCard({ card }: { readonly card: Chart }): ReactElement {
  const { agent, chart, from, to } = card;
  const span = useMemo(() => ({ from, to }), [from, to]);
  const definition = chartDefinitions.find(({ id }) => id === chart);
  const view = usePastSamples(agent, definition === undefined ? undefined : span);
  const title = `${definition?.title ?? personName(chart)}, ${agent === 'local' ? 'this machine' : personName(agent)}`;
  return (
    <div className={styles.card}>
      <Link to={momentPath(card)} className={styles.cap} aria-label={`Open ${title}, ${spanWords(from, to)}`}>
        <b>
          <bdi>{title}</bdi>
        </b>
        <span className={styles.end}>{spanWords(from, to)}</span>
      </Link>
      {definition === undefined ? (
        <p className={styles.words}>This page knows no chart of that name.</p>
      ) : view.kind === 'known' ? (
        view.past.samples.length === 0 ? (
          <p className={styles.words}>No samples of that time are kept any more.</p>
        ) : (
          <Drawn definition={definition} past={view.past} span={span} />
        )
      ) : (
        <p className={styles.words}>
          {view.kind === 'asking' ? 'Asking the hub for that time' : failureWords(view.error)}
        </p>
      )}
    </div>
  );
}

function Drawn({
  definition,
  past: { samples, drops },
  span,
}: {
  readonly definition: ChartDefinition;
  readonly past: PastSamples;
  readonly span: { readonly from: number; readonly to: number };
}): ReactElement {
  // What is missing at the end was missing when it was seen: the hub was there, the source was not.
  const holes = useMemo(() => findHoles(samples, [], span.to, 'answers', drops), [samples, drops, span]);
  const columns = useMemo(() => columnsOf(definition, samples, holes, span), [definition, samples, holes, span]);
  return (
    <SmallChart columns={columns} holes={holes} span={span} summary={summaryOf(definition.title, columns, holes)} />
  );
}
