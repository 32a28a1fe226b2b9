// One row of output. What a machine printed reaches the page as React text only, in spans of one of eight inks.

import { memo, useState, type ReactElement } from 'react';
import { clockHundredth, dayAndTime } from '../../words/time.ts';
import { grouped } from '../../words/units.ts';
import { Button } from '../button.tsx';
import { Icon } from '../icon.tsx';
import { Thread } from '../thread.tsx';
import { marked, type Needle } from './find.ts';
import styles from './output.module.css';
import type { Paint } from './paint.ts';
import type { FoldRow, HoleRow, LineRow, NoteRow, OutputRow, TextRow } from './rows.ts';
import { spansOf, type Span } from './spans.ts';

export interface OutputRowProps {
  readonly row: OutputRow;
  /** Its index among the rows that can be scrolled to. */
  readonly place: number;
  /** Its distance from the first row, in CSS pixels. */
  readonly top: number;
  readonly needle: Needle | undefined;
  /** It is the one that was gone to of all that were found. */
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  /** The keys are on it. */
  readonly hasKeys: boolean;
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
  readonly onOpen: (key: string) => void;
  readonly onToggleFold: (key: string) => void;
}

/** Drawn again only when one of these changes: most rows never do. */
export const OutputRowView: (props: OutputRowProps) => ReactElement = memo((props: OutputRowProps): ReactElement => {
  const { row, place, top, needle, isCurrent, isSelected, hasKeys, measure, onOpen, onToggleFold } = props;
  return (
    <div
      ref={measure}
      role="row"
      aria-rowindex={place + 1}
      aria-selected={isSelected}
      tabIndex={hasKeys ? 0 : undefined}
      className={styles.row}
      data-index={place}
      data-key={row.key}
      data-kind={row.kind}
      data-source={row.kind === 'line' ? row.source : undefined}
      data-current={isCurrent}
      style={{ transform: `translateY(${top}px)` }}
    >
      {row.kind === 'line' || row.kind === 'text' ? (
        <Printed row={row} needle={needle} />
      ) : (
        <div role="gridcell">
          {row.kind === 'fold' ? (
            <Fold row={row} onToggle={onToggleFold} />
          ) : row.kind === 'hole' ? (
            <Hole row={row} onOpen={onOpen} />
          ) : (
            <Note row={row} />
          )}
        </div>
      )}
    </div>
  );
}) as unknown as (props: OutputRowProps) => ReactElement;

/** Most characters of a line that are shown before somebody asks for more. */
const shownAtFirst = 4_000;

function Printed({
  row,
  needle,
}: {
  readonly row: LineRow | TextRow;
  readonly needle: Needle | undefined;
}): ReactElement {
  const [most, setMost] = useState(shownAtFirst);
  const isLine = row.kind === 'line';
  const hasTime = isLine || row.isFirst;
  const { spans, left } = cut(spansOf(row.text), most);
  return (
    <>
      <span role="gridcell" className={styles.number}>
        {isLine && row.number !== undefined ? row.number : null}
      </span>
      <span role="gridcell" className={styles.time} title={hasTime ? dayAndTime(row.at) : undefined}>
        {hasTime ? clockHundredth(row.at) : null}
      </span>
      <span
        role="gridcell"
        className={styles.text}
        dir="ltr"
        title={isLine && row.source === 'err' ? 'Standard error' : undefined}
      >
        {isLine && row.source === 'err' ? <span className={styles.spoken}>standard error: </span> : null}
        {isLine && row.lacksStart ? <span className={styles.cut}>… </span> : null}
        <span data-text>{needle === undefined ? spans.map(painted) : marked(spans, needle).map(painted)}</span>
        {left === 0 ? null : (
          <button type="button" className={styles.more} onClick={() => setMost(most * 8)}>
            {grouped(left)} more characters
          </button>
        )}
      </span>
    </>
  );
}

function cut(spans: readonly Span[], most: number): { readonly spans: readonly Span[]; readonly left: number } {
  const length = spans.reduce((sum, { text }) => sum + text.length, 0);
  if (length <= most) return { spans, left: 0 };
  const kept: Span[] = [];
  let room = most;
  for (const { text, paint } of spans) {
    if (room <= 0) break;
    kept.push({ text: text.slice(0, room), paint });
    room -= text.length;
  }
  return { spans: kept, left: length - most };
}

function painted(span: Span & { readonly isFound?: boolean }, index: number): ReactElement | string {
  const { text, paint } = span;
  const className = classOf(paint);
  if (span.isFound === true) {
    return (
      <mark key={index} className={className}>
        {text}
      </mark>
    );
  }
  return className === undefined ? (
    text
  ) : (
    <span key={index} className={className}>
      {text}
    </span>
  );
}

/** Undefined: as text is anyhow. */
function classOf({ ink, ground, isBold, isItalic, isUnderlined, isStruck, isInverse }: Paint): string | undefined {
  const behind = isInverse ? ink : ground;
  const names = [
    behind === undefined ? (ink === 'plain' ? undefined : styles[ink]) : styles['ground'],
    behind === undefined || behind === 'plain' ? undefined : styles[behind],
    isBold ? styles['bold'] : undefined,
    isItalic ? styles['italic'] : undefined,
    isUnderlined ? styles['underlined'] : undefined,
    isStruck ? styles['struck'] : undefined,
  ].filter((name) => name !== undefined);
  return names.length === 0 ? undefined : names.join(' ');
}

function Fold({ row, onToggle }: { readonly row: FoldRow; readonly onToggle: (key: string) => void }): ReactElement {
  return (
    <button type="button" className={styles.fold} aria-expanded={row.isUnfolded} onClick={() => onToggle(row.key)}>
      <Icon name={row.isUnfolded ? 'chevron-down' : 'chevron-right'} size={14} />
      {grouped(row.count)} equal lines{row.isUnfolded ? ': ' : ' folded: '}
      <span className={styles.text} dir="ltr" data-text>
        {cut(spansOf(row.text), 200).spans.map(painted)}
      </span>
    </button>
  );
}

function Hole({ row, onOpen }: { readonly row: HoleRow; readonly onOpen: (key: string) => void }): ReactElement {
  return (
    <Gap title={row.title} detail={row.detail}>
      <Button size="small" look="quiet" isDisabled={row.state === 'opening'} onPress={() => onOpen(row.key)}>
        {row.action}
      </Button>
    </Gap>
  );
}

function Note({ row }: { readonly row: NoteRow }): ReactElement {
  return row.look === 'gap' ? (
    <Gap title={row.title} detail={row.detail} />
  ) : (
    <p className={styles.note}>
      {row.title}
      {row.detail}
    </p>
  );
}

function Gap({
  title,
  detail,
  children,
}: {
  readonly title: string;
  readonly detail: string;
  readonly children?: ReactElement;
}): ReactElement {
  return (
    <div className={styles.gap} role="note">
      <Thread state="gap" size="small" />
      <span>
        <b>{title}</b>
        {detail}
      </span>
      {children}
    </div>
  );
}
