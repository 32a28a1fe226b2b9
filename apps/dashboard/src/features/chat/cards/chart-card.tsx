// A chart in a message, as its sender saw it. One without a picture, of another client, is drawn from the hub's store, with
// what was missing then.

import type { ChartPicture, ChatCard } from '@telltale/hub/api';
import { useMemo, type ReactElement } from 'react';
import { findHoles } from '../../../live/holes.ts';
import { usePastSamples } from '../../../live/use-past-samples.ts';
import { Link } from '../../../router/router.tsx';
import { failureWords } from '../../../session/api.ts';
import type { ChartColumns, ChartHole, ChartSpan } from '../../../ui/chart/chart-columns.ts';
import { SmallChart } from '../../../ui/chart/small-chart.tsx';
import { personName } from '../../../words/name.ts';
import { holesOf } from '../../machine/chart-picture.ts';
import { chartDefinitions, columnsOf, figure, summaryOf, type ChartDefinition } from '../../machine/charts-model.ts';
import { chartOwner, spanWords } from '../chat-words.ts';
import styles from './cards.module.css';
import { isAttemptsChart, momentPath, type MessagePlace } from './card-paths.ts';

type Chart = Extract<ChatCard, { type: 'chart' }>;

export function ChartCard({
  card,
  place,
}: {
  readonly card: Chart;
  readonly place: MessagePlace | undefined;
}): ReactElement {
  const { agent, chart, from, to, picture } = card;
  const span = useMemo(() => ({ from, to }), [from, to]);
  const definition = chartDefinitions.find(({ id }) => id === chart);
  const name = isAttemptsChart(card) ? 'Attempts' : (definition?.title ?? personName(chart));
  return (
    <div className={styles.card}>
      <Link to={momentPath(card, place)} className={styles.cap}>
        <span className="sr">Open</span>
        <b>
          <bdi>
            {name}, {chartOwner(card)}
          </bdi>
        </b>
        <span className={styles.end}>{spanWords(from, to)}</span>
      </Link>
      {picture !== undefined ? (
        <Pictured title={name} picture={picture} span={span} />
      ) : definition !== undefined ? (
        <Kept agent={agent} definition={definition} span={span} />
      ) : (
        <p className={styles.words}>This page knows no chart of that name.</p>
      )}
    </div>
  );
}

function Pictured({
  title,
  picture,
  span,
}: {
  readonly title: string;
  readonly picture: ChartPicture;
  readonly span: ChartSpan;
}): ReactElement {
  const holes = useMemo(() => holesOf(picture), [picture]);
  return <Drawn title={title} columns={picture} holes={holes} span={span} />;
}

function Kept({
  agent,
  definition,
  span,
}: {
  readonly agent: string;
  readonly definition: ChartDefinition;
  readonly span: ChartSpan;
}): ReactElement {
  const view = usePastSamples(agent, span);
  const past = view.kind === 'known' ? view.past : undefined;
  // What is missing at the end was missing when it was seen: the hub was there, the source was not.
  const holes = useMemo(
    () => (past === undefined ? [] : findHoles(past.samples, [], span.to, 'answers', past.drops)),
    [past, span],
  );
  const columns = useMemo(
    () => columnsOf(definition, past?.samples ?? [], holes, span),
    [definition, past, holes, span],
  );
  if (view.kind === 'asking') return <p className={styles.words}>Asking the hub for that time</p>;
  if (view.kind === 'failed') return <p className={styles.words}>{failureWords(view.error)}</p>;
  if (view.past.samples.length === 0)
    return (
      <p className={styles.words}>No samples of that time are kept any more, and it was shared without a picture.</p>
    );
  return <Drawn title={definition.title} columns={columns} holes={holes} span={span} />;
}

function Drawn({
  title,
  columns,
  holes,
  span,
}: {
  readonly title: string;
  readonly columns: ChartColumns;
  readonly holes: readonly ChartHole[];
  readonly span: ChartSpan;
}): ReactElement {
  const summary = summaryOf(title, columns, holes);
  return <SmallChart columns={columns} holes={holes} span={span} summary={summary} figure={figure} />;
}
