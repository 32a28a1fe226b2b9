// The pill in every topbar: thread, state in words, detail, action; and the panel it opens. Changes of state are
// announced politely; figures that change by themselves are not.

import { useEffect, useRef, useState, type ReactElement } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { isSourceSilent } from '../../live/freshness.ts';
import { useHistory, useLine } from '../../live/live.tsx';
import { useClock } from '../../live/use-clock.ts';
import { Link, navigate } from '../../router/router.tsx';
import { Button } from '../../ui/button.tsx';
import { Thread } from '../../ui/thread.tsx';
import { usePause } from '../machine/pause.tsx';
import { ConnectionPanel } from './connection-panel.tsx';
import styles from './connection-pill.module.css';
import { pillOf, type Pill } from './pill-model.ts';

export function ConnectionPill(): ReactElement {
  const line = useLine();
  const { samples, freshness } = useHistory('local');
  const { pausedAt, goLive } = usePause();
  const localNow = useClock(500);
  const [isOpen, setOpen] = useState(false);
  const [box, setBox] = useState<Element | null>(null);
  const now = localNow + line.clockOffsetMs;
  const pill = pillOf({
    state: line.state,
    roundTripMs: line.roundTripMs,
    now,
    localNow,
    newest: samples.at(-1),
    sourceSilent: isSourceSilent(samples.at(-1), line.heardAt),
    catchingUp: freshness.kind === 'catching-up' && samples.length > 0,
    pausedAt,
  });
  return (
    <div className={styles.pill} data-state={pill.state} data-testid="connection-pill" ref={setBox}>
      <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
        <AriaButton className={styles.face ?? ''} id="connection">
          <span className="sr">Connection: </span>
          <Thread state={pill.state} size="wide" />
          <b>{pill.says}</b>
          {pill.detail === undefined ? null : <span className={styles.wide}>{pill.detail}</span>}
          {pill.aside === undefined ? null : (
            <>
              <span className={styles.divider} />
              <span className={styles.aside}>{pill.aside}</span>
            </>
          )}
        </AriaButton>
        <Popover
          className={styles.popover ?? ''}
          placement="bottom end"
          offset={6}
          // Inside the page's landmark, where screen readers look for it.
          {...(box === null ? {} : { UNSTABLE_portalContainer: box })}
        >
          <Dialog className={styles.dialog ?? ''} aria-label="Connection">
            <ConnectionPanel pill={pill} line={line} newest={samples.at(-1)} now={now} />
          </Dialog>
        </Popover>
      </DialogTrigger>
      <PillAction pill={pill} onRetry={line.retryNow} onGoLive={goLive} onExplain={() => setOpen(true)} />
      <Announcer text={pill.announce} />
    </div>
  );
}

function PillAction({
  pill,
  onRetry,
  onGoLive,
  onExplain,
}: {
  readonly pill: Pill;
  readonly onRetry: () => void;
  readonly onGoLive: () => void;
  readonly onExplain: () => void;
}): ReactElement | null {
  if (pill.action === undefined) return null;
  const actions = {
    retry: ['Retry now', onRetry],
    'go-live': ['Go live', onGoLive],
    'sign-in': ['Sign in', () => navigate('/sign-in')],
    explain: ['What to do', onExplain],
  } as const;
  const [text, onPress] = actions[pill.action];
  return (
    <span className={styles.action}>
      <span className={styles.divider} />
      {pill.action === 'sign-in' ? (
        <Link to="/sign-in" className={styles.link}>
          {text}
        </Link>
      ) : (
        <Button look="link" onPress={onPress}>
          {text}
        </Button>
      )}
    </span>
  );
}

/** Says a change of state once it has held for a moment, so that a short flutter stays quiet. */
function Announcer({ text }: { readonly text: string }): ReactElement {
  const [said, setSaid] = useState('');
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return undefined;
    }
    const timer = setTimeout(() => setSaid(text), 400);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span className="sr" role="status">
      {said}
    </span>
  );
}
