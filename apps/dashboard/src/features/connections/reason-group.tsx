// One reason: code, title, when and how often; opened, the cure in words with its line to copy, and who it was.

import type { AttemptRates } from '@telltale/hub/api';
import { useId, type ReactElement } from 'react';
import { CodeTag } from '../../ui/code-tag.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Spark } from '../../ui/sparkline.tsx';
import { clock, clockMinute, dayAndTime } from '../../words/time.ts';
import { grouped } from '../../words/units.ts';
import styles from './connections.module.css';
import { cureOf, type Piece } from './cure.ts';
import { curveOf, marksOf } from './marks.ts';
import type { Range } from './range.ts';
import type { BarSpan } from './rates-model.ts';
import { ReasonRows } from './reason-rows.tsx';
import type { Reason } from './reasons-model.ts';

export function ReasonGroup({
  reason,
  range,
  span,
  rates,
  now,
  isUp,
  isOpen,
  onToggle,
}: {
  readonly reason: Reason;
  readonly range: Range;
  readonly span: BarSpan;
  /** Undefined: they do not tell this group from another. */
  readonly rates: readonly AttemptRates[] | undefined;
  readonly now: number;
  readonly isUp: boolean;
  readonly isOpen: boolean;
  readonly onToggle: (key: string, isOpen: boolean) => void;
}): ReactElement {
  const body = useId();
  const { code, title, aside, tone, count, first, last } = reason;
  const curve = range === '15m' && reason.kind === 'refused' ? rates : undefined;
  return (
    <li className={styles.reason} data-tone={tone}>
      <button
        type="button"
        className={styles.sum}
        aria-expanded={isOpen}
        aria-controls={isOpen ? body : undefined}
        onClick={() => onToggle(reason.key, !isOpen)}
      >
        <Icon name="chevron-right" size={14} />
        <CodeTag code={code} tone={tone} />
        <span className={styles.what}>
          <span className={styles.title}>{title}</span> <span className={styles.quiet}>{aside}</span>
        </span>
        <span className={styles.drawn} aria-hidden="true">
          {curve === undefined ? (
            <Marks marks={marksOf(reason.rows, span)} />
          ) : (
            <Spark
              points={curveOf(curve, reason.name, span, curveStepMs)}
              holes={noHoles}
              now={span.to}
              spanMs={span.to - span.from}
              end={isUp ? 'live' : 'stale'}
              width={drawnWidth}
              height={drawnHeight}
            />
          )}
        </span>
        <span className={styles.times} title={`${dayAndTime(first)} to ${dayAndTime(last)}`}>
          {timesWords(first, last, now)}
        </span>
        <span className={styles.count}>
          {grouped(count)}
          <span className="sr"> {count === 1 ? 'time' : 'times'}</span>
        </span>
      </button>
      {isOpen ? <Opened id={body} reason={reason} now={now} /> : null}
    </li>
  );
}

const curveStepMs = 30_000;
const drawnWidth = 112;
const drawnHeight = 20;
const noHoles: readonly never[] = [];

function Marks({ marks }: { readonly marks: ReturnType<typeof marksOf> }): ReactElement {
  const middle = drawnHeight / 2;
  const x = (share: number): number => 2 + share * (drawnWidth - 4);
  return (
    <svg className={styles.marks} width={drawnWidth} height={drawnHeight}>
      <line className={styles.marksAxis} x1="0" x2={drawnWidth} y1={middle} y2={middle} />
      {marks.map(({ from, to }) => (
        <rect key={from} x={x(from) - 1} y={middle - 4} width={Math.max(2, x(to) - x(from) + 1)} height="8" rx="1" />
      ))}
    </svg>
  );
}

/** `14:01–14:07`, `14:03`; with the day where that is another. */
function timesWords(first: number, last: number, now: number): string {
  const today = new Date(now).toDateString();
  const form = (at: number): string =>
    new Date(at).toDateString() === today ? clockMinute(at) : dayAndTime(at).slice(5);
  const [from, to] = [form(first), form(last)];
  return from === to ? from : `${from}–${to}`;
}

function Opened({
  id,
  reason,
  now,
}: {
  readonly id: string;
  readonly reason: Reason;
  readonly now: number;
}): ReactElement {
  const { found, advice, setting } = cureOf(reason);
  return (
    <div className={styles.opened} id={id}>
      <p className={styles.cure}>
        {found.map((piece, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the pieces of one sentence have only their order
          <Said key={index} piece={piece} />
        ))}{' '}
        {advice}
      </p>
      {setting === undefined ? null : <Snippet text={setting} />}
      <ReasonRows
        key={reason.key}
        title={`${reason.title}, last at ${clock(reason.last)}`}
        rows={reason.rows}
        now={now}
      />
    </div>
  );
}

function Said({ piece }: { readonly piece: Piece }): ReactElement {
  return typeof piece === 'string' ? <>{piece}</> : <b>{piece.strong}</b>;
}
