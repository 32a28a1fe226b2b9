// The annunciator strip and the master lamp. Dark when all is well; a lit lamp is a link to its cause; one that cannot
// know is hatched. Each state has a shape and a word beside its colour.

import type { CSSProperties, ReactElement, ReactNode } from 'react';
import { Link, usePath } from '../router/router.tsx';
import { Icon, type IconName } from './icon.tsx';
import styles from './lamps.module.css';

export interface LampView {
  readonly id: string;
  readonly legend: string;
  readonly light: 'dark' | 'warn' | 'crit' | 'refused' | 'unknown';
  readonly says: string;
  /** The id of the element that shows the cause, or the page that does: `/agents`. */
  readonly cause?: string;
}

const icons: Readonly<Record<'warn' | 'crit' | 'refused', IconName>> = {
  warn: 'triangle-alert',
  crit: 'octagon-alert',
  refused: 'ban',
};
const words = { warn: 'caution', crit: 'warning', refused: 'refused' } as const;

export function Lamps({ lamps, label }: { readonly lamps: readonly LampView[]; readonly label: string }): ReactElement {
  const quiet = lamps.filter(({ light }) => light === 'dark').length;
  const unknown = lamps.filter(({ light }) => light === 'unknown').length;
  // Where one row is too narrow for all of them they stand in two, as alike as can be.
  const half = Math.ceil(lamps.length / 2);
  return (
    <div className={styles.strip}>
      <ul
        className={styles.lamps}
        aria-label={label}
        id="lamps"
        data-odd={lamps.length % 2 === 1 || undefined}
        style={{ '--half': half } as CSSProperties}
      >
        {lamps.map((lamp) => (
          <li key={lamp.id} className={styles.lamp} data-light={lamp.light} title={lamp.says}>
            <LampFace lamp={lamp} />
          </li>
        ))}
        {/* On a phone the quiet ones are told in one line each. */}
        {unknown > 0 ? (
          <li className={styles.lamp} data-light="unknown" data-rest="true">
            <span className={styles.legend}>Others</span>
            <span className={styles.says}>{`${unknown} ${unknown === 1 ? 'lamp' : 'lamps'} unknown`}</span>
          </li>
        ) : null}
        {quiet > 0 ? (
          <li className={styles.lamp} data-light="dark" data-rest="true">
            <span className={styles.legend}>{quiet === lamps.length ? 'Lamps' : 'Others'}</span>
            <span className={styles.says}>{`${quiet} ${quiet === 1 ? 'lamp' : 'lamps'} dark`}</span>
          </li>
        ) : null}
      </ul>
    </div>
  );
}

function LampFace({ lamp }: { readonly lamp: LampView }): ReactElement {
  const { legend, light, says, cause } = lamp;
  const lit = light === 'warn' || light === 'crit' || light === 'refused';
  const face = (
    <>
      <span className={styles.legend}>
        {lit ? <Icon name={icons[light]} size={12} /> : null}
        {legend}
        {lit ? <span className="sr">, {words[light]}:</span> : <span className="sr">:</span>}
      </span>
      <span className={styles.says}>{says}</span>
    </>
  );
  return lit && cause !== undefined ? (
    <CauseLink cause={cause} className={styles.face}>
      {face}
    </CauseLink>
  ) : (
    <div className={styles.face}>{face}</div>
  );
}

/** The highest level and the count; `No cautions` when dark. On a phone the number alone. Leads to the lamps. */
export function MasterLamp({
  light,
  count,
  noun,
}: {
  readonly light: 'dark' | 'warn' | 'crit' | 'unknown';
  readonly count: number;
  readonly noun: string;
}): ReactElement {
  const cause = usePath() === '/' ? 'lamps' : '/';
  if (light === 'dark') {
    return (
      <CauseLink cause={cause} className={styles.master} label="No cautions">
        <span className={styles.wide}>No cautions</span>
        <span className={styles.narrow} aria-hidden="true">
          <Icon name="check" size={14} />
        </span>
      </CauseLink>
    );
  }
  return (
    <CauseLink cause={cause} className={styles.master} light={light}>
      {light === 'unknown' ? (
        'Unknown'
      ) : (
        <>
          <Icon name={icons[light]} size={14} />
          <span>
            {count}
            <span className={styles.noun}> {noun}</span>
          </span>
        </>
      )}
    </CauseLink>
  );
}

/** A link to an element of this page, or to another page. */
function CauseLink({
  cause,
  className,
  label,
  light,
  children,
}: {
  readonly cause: string;
  readonly className: string | undefined;
  readonly label?: string;
  readonly light?: string;
  readonly children: ReactNode;
}): ReactElement {
  const shown = { className, 'aria-label': label, 'data-light': light, children };
  // oxlint-disable-next-line jsx-a11y/anchor-has-content -- the content is in what is shown
  return cause.startsWith('/') ? <Link to={cause} {...shown} /> : <a href={`#${cause}`} {...shown} />;
}
