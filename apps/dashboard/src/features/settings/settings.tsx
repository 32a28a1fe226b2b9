// Settings, for administrators: how long what was reported is kept.

import type { Retention } from '@telltale/hub/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type ReactElement } from 'react';
import { useLine } from '../../live/live.tsx';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button, DangerButton } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { KeepFocus } from '../../ui/keep-focus.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { PageFrame } from '../shell/shell.tsx';
import { formOf, letsGo, sizeUnits, typed, type Kept, type KeptFaults, type RetentionForm } from './retention-model.ts';
import styles from './settings.module.css';

export function Settings(): ReactElement {
  const { session, state } = useSession();
  const list = useQuery({
    queryKey: ['retention'],
    queryFn: ({ signal }) => session.call<Retention>('/api/retention', { signal }),
  });
  const sub = 'facts' in state ? `Telltale ${state.facts.version}, ${state.facts.mode} mode` : '';
  return (
    <PageFrame title="Settings" sub={sub}>
      {list.data !== undefined ? (
        <Kept current={list.data} />
      ) : (
        <Panel title="What is kept" ruled>
          {list.isError ? (
            <Notice kind="crit" title="The settings were not loaded">
              {failureWords(list.error)}
            </Notice>
          ) : (
            <PanelText>no data yet</PanelText>
          )}
        </Panel>
      )}
    </PageFrame>
  );
}

function Kept({ current }: { readonly current: Retention }): ReactElement {
  const { session } = useSession();
  const { isUp } = useLine();
  const queries = useQueryClient();
  const [form, setForm] = useState<RetentionForm>(() => formOf(current));
  const save = useMutation({
    mutationFn: (retention: Retention) => session.call<Retention>('/api/retention', { body: retention }),
    onSuccess: (kept) => {
      queries.setQueryData(['retention'], kept);
      setForm(formOf(kept));
    },
  });
  const found = typed(form);
  const next = found.kind === 'retention' ? found.retention : undefined;
  const { isPending } = save;
  const isDisabled = !isUp || next === undefined;
  const saveButton = useRef<HTMLButtonElement>(null);
  const change = (what: keyof RetentionForm) => (kept: Kept) => {
    save.reset();
    setForm({ ...form, [what]: kept });
  };
  const submit = (): void => {
    if (next !== undefined) save.mutate(next);
  };
  return (
    <Panel title="What is kept" note="what is older, or over, goes first" ruled>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          // What would delete something is armed first, by its own button.
          if (next !== undefined && isUp && !isPending && !letsGo(current, next)) submit();
        }}
      >
        {save.isError ? (
          <Notice kind="crit" title="Nothing was changed">
            {failureWords(save.error)}
          </Notice>
        ) : save.isSuccess ? (
          <Notice kind="ok" title="Saved. The hub keeps to it from now on" />
        ) : null}
        <KeptFields
          legend="Runs"
          hint="Ended runs, with their steps and output."
          kept={form.runs}
          faults={found.kind === 'faults' ? found.runs : {}}
          onChange={change('runs')}
        />
        <KeptFields
          legend="Logs"
          hint="Lines of the log files that agents follow."
          kept={form.logs}
          faults={found.kind === 'faults' ? found.logs : {}}
          onChange={change('logs')}
        />
        <div>
          {next !== undefined && letsGo(current, next) ? (
            <KeepFocus next={() => saveButton.current}>
              <DangerButton
                armedText="Press again to delete what is over"
                isDisabled={isDisabled}
                isPending={isPending}
                onPress={submit}
              >
                Save, and delete what is over
              </DangerButton>
            </KeepFocus>
          ) : (
            <Button type="submit" look="primary" isDisabled={isDisabled} isPending={isPending} ref={saveButton}>
              Save
            </Button>
          )}
        </div>
      </form>
    </Panel>
  );
}

function KeptFields({
  legend,
  hint,
  kept,
  faults,
  onChange,
}: {
  readonly legend: string;
  readonly hint: string;
  readonly kept: Kept;
  readonly faults: KeptFaults;
  readonly onChange: (kept: Kept) => void;
}): ReactElement {
  const name = legend.toLowerCase();
  return (
    <fieldset className={styles.kept}>
      <legend>{legend}</legend>
      <p>{hint}</p>
      <div className={styles.fields}>
        <Field
          label="Days"
          name={`${name}-days`}
          autoComplete="off"
          inputMode="numeric"
          hint="1 to 3650"
          error={faults.days}
          value={kept.days}
          onChange={(days) => onChange({ ...kept, days })}
        />
        <Field
          label="Size in all"
          name={`${name}-size`}
          autoComplete="off"
          inputMode="decimal"
          hint="1 MiB to 1024 GiB"
          error={faults.size}
          value={kept.size}
          onChange={(size) => onChange({ ...kept, size })}
        />
        <Choice
          label={`Unit of the size of ${name}`}
          name={`${name}-unit`}
          isLabelHidden
          options={sizeUnits}
          value={kept.unit}
          onChange={(unit) => onChange({ ...kept, unit })}
        />
      </div>
    </fieldset>
  );
}
