// The output of one channel in its panel, live: `runs/<run>` or `logs/<agent>/<file>`. Binds the viewer, which knows no
// channel, to the line.

import { useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { useHubNow, useLine } from '../../live/live.tsx';
import type { LineCount } from '../../live/output/held.ts';
import type { LinePlace, OutputLog } from '../../live/output/output-log.ts';
import { useOutput } from '../../live/output/use-output.ts';
import { Notice } from '../../ui/notice.tsx';
import { OutputViewer } from '../../ui/output/output-viewer.tsx';
import { counted } from '../../words/units.ts';
import { useMayShare } from '../chat/use-may-share.ts';
import { usePreferences } from '../shell/preferences.ts';
import { footOf } from './output-foot.ts';
import { shareRows } from './share-rows.ts';

export interface OutputPanelProps {
  readonly channel: string;
  /** Heading: `Output`, or the path of a log file as its machine names it. */
  readonly title: string;
  /** Name of what scrolls, for screen readers: `Output of nightly-backup`. */
  readonly label: string;
  /** What stands in the place of lines where there are none yet. */
  readonly empty: ReactNode;
  /** So many lines end at or before an offset: then lines have their numbers. */
  readonly count?: LineCount | undefined;
  /** No more comes. */
  readonly isOver?: boolean;
  /** Since when its machine does not answer, by the hub's clock. */
  readonly awaySince?: number | null;
  /** The line that is gone to: what an address asks for. */
  readonly at?: LinePlace | undefined;
  /** It is what its page is for: a letter typed anywhere there is for it. Else another thing there may be paused too. */
  readonly isMain?: boolean;
}

export function OutputPanel(props: OutputPanelProps): ReactElement {
  const { channel, title, label, empty, count, isOver = false, awaySince = null, at, isMain = false } = props;
  const { view, log } = useOutput(channel, count);
  const { isUp } = useLine();
  const now = useHubNow(1_000);
  const [{ shortcuts }] = usePreferences();
  const mayShare = useMayShare();
  const missed = useMissed(log, at);
  const { rows, arrived, older, lines, gaps, denied, newestAt } = view;
  const output = useMemo(
    () => ({ rows, arrived, hasOlder: older === 'kept' }),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- rows change in place: a new view says that they have
    [view],
  );
  if (denied !== undefined) {
    return (
      <Notice kind="refused" title={`Refused: no right to this output, ${denied.code}`}>
        {denied.reason}
      </Notice>
    );
  }
  const isCatchingUp = view.freshness.kind === 'catching-up';
  const viewer = (
    <OutputViewer
      output={output}
      title={title}
      label={label}
      note={noteOf(lines, gaps)}
      foot={footOf({ now, newestAt, isUp, isCatchingUp, isOver, awaySince })}
      empty={isCatchingUp && isUp ? null : empty}
      shortcuts={!shortcuts ? 'none' : isMain ? 'page' : 'within'}
      onOpen={log.open}
      onOpenStart={log.openStart}
      onOpenAll={log.openAll}
      onToggleFold={log.toggleFold}
      onRead={log.read}
      goTo={at === undefined ? undefined : `${at.epoch}:${at.offset}`}
      onShare={mayShare ? (shared) => shareRows(channel, shared) : undefined}
    />
  );
  return (
    <>
      {missed === undefined ? null : <Notice kind="warn" title={missedWords[missed]} />}
      {viewer}
    </>
  );
}

const missedWords = {
  gone: 'The line that this address leads to is not kept any more.',
  failed: 'The line that this address leads to could not be asked for. Load the page again.',
} as const;

/** Goes to a line; why it can't be shown. */
function useMissed(log: OutputLog, at: LinePlace | undefined): keyof typeof missedWords | undefined {
  const [missed, setMissed] = useState<{ readonly at: LinePlace; readonly why: keyof typeof missedWords }>();
  useEffect(() => {
    if (at === undefined) return;
    void log.openAt(at).then((found) => setMissed(found === 'here' ? undefined : { at, why: found }));
  }, [log, at]);
  return missed?.at === at ? missed?.why : undefined;
}

/** `14 048 lines, 1 gap`. */
function noteOf(lines: number | undefined, gaps: number): string {
  return [
    ...(lines === undefined ? [] : [counted(lines, 'line', 'lines')]),
    ...(gaps === 0 ? [] : [counted(gaps, 'gap', 'gaps')]),
  ].join(', ');
}
