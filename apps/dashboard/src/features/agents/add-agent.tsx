// The panel that adds an agent: a name, the line to paste on the machine, and what has become of it.

import type { AgentRow, Enrolment } from '@telltale/hub/api';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react';
import { useLine } from '../../live/live.tsx';
import { Link } from '../../router/router.tsx';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Thread } from '../../ui/thread.tsx';
import { duration } from '../../words/time.ts';
import styles from './add-agent.module.css';
import { agentPath } from './agent-cells.tsx';
import { arrivalOf, isListed, type Arrival, type Asked } from './arrival.ts';

interface Made extends Asked, Pick<Enrolment, 'line' | 'sha256'> {
  /** An agent has a credential under this name; the machine that comes takes its place. */
  readonly replaces: boolean;
}

export function AddAgent({
  rows,
  now,
  name: fixed,
  onClose,
}: {
  readonly rows: readonly AgentRow[];
  /** The hub's clock. */
  readonly now: number;
  /** Whose line it is, where that is known: then nobody is asked. */
  readonly name?: string;
  readonly onClose: () => void;
}): ReactElement {
  const { session } = useSession();
  const { isUp } = useLine();
  const [made, setMade] = useState<Made>();
  const enrol = useMutation({
    mutationFn: (name: string | undefined) =>
      session.call<Enrolment>('/api/enrolments', { body: name === undefined ? {} : { name } }),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    // Its button submits nothing while it waits, and then Enter in the only field does.
    if (enrol.isPending) return;
    const text = fixed ?? String(new FormData(event.currentTarget).get('name')).trim();
    const replaces = rows.some(({ agent, credential }) => agent === text && credential !== null);
    enrol.mutate(text === '' ? undefined : text, {
      onSuccess: ({ id, name, line, sha256, expiresAt }) => setMade({ id, name, line, sha256, expiresAt, replaces }),
    });
  };
  return (
    <Panel
      title="Add agent"
      note={made?.name ?? fixed}
      ruled
      tools={
        <Button look="quiet" size="small" icon label="Close" onPress={onClose}>
          <Icon name="x" />
        </Button>
      }
    >
      {made === undefined ? (
        <form className={styles.form} onSubmit={submit} data-fixed={fixed !== undefined}>
          {enrol.isError ? (
            <Notice kind="crit" title="No enrolment was made">
              {failureWords(enrol.error)}
            </Notice>
          ) : null}
          {fixed === undefined ? (
            <Field
              label="Name"
              name="name"
              autoComplete="off"
              hint="Small letters, digits, dots, dashes. Empty: what the machine calls itself"
              isRequired={false}
              autoFocus
            />
          ) : (
            <p>The machine that uses it becomes {fixed}, in the place of any other.</p>
          )}
          <Button type="submit" look="primary" isDisabled={!isUp} isPending={enrol.isPending}>
            Show the line to paste
          </Button>
        </form>
      ) : (
        <MadeLine made={made} rows={rows} now={now} onAgain={() => setMade(undefined)} />
      )}
    </Panel>
  );
}

function MadeLine({
  made,
  rows,
  now,
  onAgain,
}: {
  readonly made: Made;
  readonly rows: readonly AgentRow[];
  readonly now: number;
  readonly onAgain: () => void;
}): ReactElement {
  const [wasListed, setWasListed] = useState(false);
  if (!wasListed && isListed(made, rows)) setWasListed(true);
  const arrival = arrivalOf(made, rows, now, wasListed);
  const isOver = arrival.kind !== 'waiting';
  const box = useRef<HTMLDivElement>(null);
  // The form it takes the place of had the focus, or the button that goes when the line is over.
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus();
  }, [isOver]);
  return (
    <div ref={box} className={styles.made} tabIndex={-1}>
      <div>
        <p>{lineWords(arrival, made.expiresAt - now)}</p>
        <Snippet text={made.line} isNamed isOver={isOver} />
        {made.sha256 === null || isOver ? null : (
          <p>
            SHA-256 of the command it fetches <code>{made.sha256}</code>
          </p>
        )}
      </div>
      <div role="status">
        <Outcome arrival={arrival} made={made} onAgain={onAgain} />
      </div>
    </div>
  );
}

function lineWords({ kind }: Arrival, leftMs: number): string {
  if (kind === 'ended' || kind === 'expired') return 'The token of this line works no more.';
  if (kind !== 'waiting') return 'The token of this line was used.';
  // One unit that changes once a minute, so that nothing ticks.
  return `Paste this on the machine. The token works once, for ${duration(leftMs)} more, and is shown only now.`;
}

const replacedWords = 'Its credential was replaced: the old one is refused.';

function Outcome({
  arrival,
  made: { name, replaces },
  onAgain,
}: {
  readonly arrival: Arrival;
  readonly made: Made;
  readonly onAgain: () => void;
}): ReactElement {
  switch (arrival.kind) {
    case 'waiting':
      return (
        <>
          <b>
            <Thread state="none" size="wide" />
            Waiting for {replaces ? `the machine that becomes ${name}` : (name ?? 'the machine')}
          </b>
          <p>Nothing has arrived yet. If it is refused, the reason appears here.</p>
        </>
      );
    case 'enrolled':
      return (
        <>
          <b>
            <Thread state="none" size="wide" />
            {arrival.agent} is enrolled
          </b>
          <p>A machine has used the token, and has not reported yet.{replaces ? ` ${replacedWords}` : ''}</p>
        </>
      );
    case 'arrived':
      return (
        <>
          <b data-kind="ok">
            <Icon name="check" />
            {arrival.agent} has arrived
          </b>
          {replaces ? <p>{replacedWords}</p> : null}
          <p>
            <Link to={agentPath(arrival.agent)}>Open {arrival.agent}</Link>
          </p>
        </>
      );
    case 'refused':
      return (
        <>
          <b data-kind="refused">
            <Thread state="refused" />
            Refused: credential in use on another machine
          </b>
          <p>Another machine than the enrolled one came with the credential of {arrival.agent}. Decide in the list.</p>
        </>
      );
    case 'ended':
    case 'expired':
      return (
        <>
          <b data-kind="late">
            <Thread state="offline" />
            {arrival.kind === 'ended' ? 'The token is over' : 'The token has run out'}
          </b>
          <p>
            {arrival.kind === 'ended'
              ? `It was ended or used, or another was made for ${name}. It is refused now.`
              : 'No machine has used it. Make a new one.'}
          </p>
          <Button size="small" onPress={onAgain}>
            Make a new line
          </Button>
        </>
      );
  }
}
