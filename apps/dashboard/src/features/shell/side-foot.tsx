// The foot of the sidebar: what Telltale itself costs, who is signed in, the theme.

import type { ReactElement } from 'react';
import { frameCostMs } from '../../live/frame-cost.ts';
import { useHistory, useLine } from '../../live/live.tsx';
import { Link, navigate } from '../../router/router.tsx';
import { useSession } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { clock } from '../../words/time.ts';
import { bytes, milliseconds, missing, percent, short, together } from '../../words/units.ts';
import { usePreferences, type Theme } from './preferences.ts';
import styles from './side-foot.module.css';

const nextTheme: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

export function SideFoot(): ReactElement {
  const { samples } = useHistory('local');
  const { isUp } = useLine();
  const newest = samples.findLast((sample) => sample.hub !== undefined);
  const hub = newest?.hub;
  const cost = frameCostMs();
  return (
    <div className={styles.foot} data-stale={!isUp}>
      <h2>{isUp || newest === undefined ? 'This hub costs' : `This hub cost, ${clock(newest.at)}`}</h2>
      <dl>
        <dt>CPU</dt>
        <dd>{hub === undefined ? missing : percent(hub.cpu)}</dd>
        <dt>Memory</dt>
        <dd>{hub === undefined ? missing : together(bytes(hub.rss, 0))}</dd>
        <dt>Loop delay</dt>
        <dd>{hub === undefined ? missing : milliseconds(hub.loopDelayP99)}</dd>
        <dt>This page</dt>
        <dd className={styles.own}>{cost === undefined ? missing : `${short(cost)} ms/frame`}</dd>
      </dl>
      <Who />
    </div>
  );
}

function Who(): ReactElement {
  const { session, state } = useSession();
  const [{ theme }, change] = usePreferences();
  const leave = (): void => {
    // A hub that does not answer is what the pill says already; the login then lasts until it does.
    session.signOut().then(
      () => navigate('/'),
      () => {},
    );
  };
  return (
    <div className={styles.who}>
      {state.kind === 'signed-in' ? (
        <>
          <span className={styles.name} title={state.me.username}>
            {state.me.username}
          </span>
          <span>{state.me.role}</span>
        </>
      ) : (
        <Link to="/sign-in" className={styles.signIn}>
          Sign in
        </Link>
      )}
      <span className={styles.buttons}>
        {state.kind === 'signed-in' ? (
          <Button look="quiet" size="small" icon label="Sign out" onPress={leave}>
            <Icon name="log-out" />
          </Button>
        ) : null}
        <Button
          look="quiet"
          size="small"
          icon
          label={`Theme: ${theme}. Change to ${nextTheme[theme]}`}
          onPress={() => change({ theme: nextTheme[theme] })}
        >
          <Icon name="sun-moon" />
        </Button>
      </span>
    </div>
  );
}
