// What an examination found about why there is no line: the verdict in a sentence, what to do, and what was looked at.

import { useState, type ReactElement } from 'react';
import { useDiagnosis, type Diagnosis, type DiagnosisCheck } from '../../live/connections/use-diagnosis.ts';
import { Button } from '../../ui/button.tsx';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Thread } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { counted } from '../../words/units.ts';
import styles from './examination.module.css';
import { asSentence, lineToCopy } from './examination-model.ts';

/** Looks when it is shown; shown where there is no line. */
export function Examination(): ReactElement {
  const { found, isRunning, again } = useDiagnosis();
  return (
    <section className={styles.part} aria-label="Why there is no line">
      {found === undefined ? (
        <p className={styles.running} role="status">
          <Thread state="none" /> Looking along the way to the hub, a few seconds
        </p>
      ) : (
        <Found key={found.at} diagnosis={found} isRunning={isRunning} onAgain={again} />
      )}
    </section>
  );
}

function Found({
  diagnosis: { verdict, checks },
  isRunning,
  onAgain,
}: {
  readonly diagnosis: Diagnosis;
  readonly isRunning: boolean;
  readonly onAgain: () => void;
}): ReactElement {
  const [areShown, setShown] = useState(false);
  const line = lineToCopy(verdict.cure, location);
  return (
    <>
      <p className={styles.verdict} role="status">
        <b>{shownName(verdict.sentence)}</b>
      </p>
      {verdict.cure === '' ? null : <p className={styles.cure}>{shownName(verdict.cure)}</p>}
      {line === undefined ? null : <Snippet text={line} />}
      <p className={styles.tools}>
        {checks.length === 0 ? null : (
          <Button look="link" onPress={() => setShown(!areShown)}>
            {areShown ? 'Hide what was looked at' : `What was looked at: ${counted(checks.length, 'check', 'checks')}`}
          </Button>
        )}
        <Button look="link" isDisabled={isRunning} onPress={onAgain}>
          {isRunning ? 'Looking again' : 'Look again'}
        </Button>
      </p>
      {areShown ? (
        <ul className={styles.checks}>
          {checks.map((check) => (
            <Check key={check.id} check={check} />
          ))}
        </ul>
      ) : null}
    </>
  );
}

const icons: Readonly<Record<Exclude<DiagnosisCheck['outcome'], 'unknown'>, IconName>> = {
  ok: 'check',
  warning: 'triangle-alert',
  failed: 'octagon-alert',
};
const outcomes = { ok: 'fine', warning: 'doubtful', failed: 'fault', unknown: 'unknown' } as const;

function Check({ check: { outcome, found } }: { readonly check: DiagnosisCheck }): ReactElement {
  return (
    <li data-outcome={outcome}>
      {outcome === 'unknown' ? <span className={styles.unknown}>?</span> : <Icon name={icons[outcome]} size={14} />}
      <span>
        <span className="sr">{outcomes[outcome]}: </span>
        {asSentence(shownName(found))}
      </span>
    </li>
  );
}
