// The annunciator strip and the master lamp. Dark when all is well; a lit lamp is a link to its cause; one that cannot
// know is hatched. Each state has a shape and a word beside its colour.

import type { ReactElement } from 'react';
import { Icon, type IconName } from './icon.tsx';
import styles from './lamps.module.css';

export interface LampView {
  readonly id: string;
  readonly legend: string;
  readonly light: 'dark' | 'warn' | 'crit' | 'refused' | 'unknown';
  readonly says: string;
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
  return (
    <ul className={styles.lamps} aria-label={label} id="lamps">
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
    <a className={styles.face} href={`#${cause}`}>
      {face}
    </a>
  ) : (
    <div className={styles.face}>{face}</div>
  );
}

/** The highest level and the count; `No cautions` when dark. On a phone the number alone. */
export function MasterLamp({
  light,
  count,
  noun,
}: {
  readonly light: 'dark' | 'warn' | 'crit' | 'unknown';
  readonly count: number;
  readonly noun: string;
}): ReactElement {
  if (light === 'dark') {
    return (
      <a className={styles.master} href="#lamps" aria-label="No cautions">
        <span className={styles.wide}>No cautions</span>
        <span className={styles.narrow} aria-hidden="true">
          <Icon name="check" size={14} />
        </span>
      </a>
    );
  }
  if (light === 'unknown') {
    return (
      <a className={styles.master} data-light="unknown" href="#lamps">
        Unknown
      </a>
    );
  }
  return (
    <a className={styles.master} data-light={light} href="#lamps">
      <Icon name={icons[light]} size={14} />
      <span>
        {count}
        <span className={styles.noun}> {noun}</span>
      </span>
    </a>
  );
}
