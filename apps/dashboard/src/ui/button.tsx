// Buttons: one look in five weights. `DangerButton` arms at the first press and acts at the second, so that nothing
// that can be undone needs a dialog.

import { useEffect, useState, type ReactElement, type ReactNode, type Ref } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import styles from './button.module.css';

export interface ButtonProps {
  readonly children: ReactNode;
  /** `target`: the button, for what opens beside it. */
  readonly onPress?: (event: { readonly target: Element }) => void;
  readonly look?: 'plain' | 'primary' | 'quiet' | 'danger' | 'armed' | 'link';
  readonly size?: 'normal' | 'small' | 'full';
  /** Only a picture inside: then `label` is its name. */
  readonly icon?: boolean;
  readonly label?: string;
  readonly type?: 'button' | 'submit';
  readonly isDisabled?: boolean;
  /** What it asked for is not answered yet: a press does nothing, and whoever pressed it by a key stays there. */
  readonly isPending?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
  /** In a row that does not have the keys. */
  readonly isOutOfTabOrder?: boolean;
  readonly onBlur?: () => void;
}

export function Button(props: ButtonProps): ReactElement {
  const { look = 'plain', size = 'normal', icon, label, isOutOfTabOrder = false, ...rest } = props;
  return (
    <AriaButton
      {...rest}
      excludeFromTabOrder={isOutOfTabOrder}
      {...(label === undefined ? {} : { 'aria-label': label })}
      className={styles.button ?? ''}
      data-look={look}
      data-size={size}
      data-icon={icon}
    />
  );
}

/** How long a danger button stays armed, in milliseconds. */
const armedMs = 4_000;

export function DangerButton({
  children,
  armedText,
  label,
  size = 'small',
  onPress,
  isDisabled = false,
  isPending = false,
  isOutOfTabOrder = false,
}: {
  readonly children: ReactNode;
  /** What the armed button says: `Press again to end`. */
  readonly armedText: string;
  /** Its full name, where the words alone do not say what it ends. */
  readonly label?: string;
  readonly size?: 'normal' | 'small';
  readonly onPress: () => void;
  readonly isDisabled?: boolean;
  readonly isPending?: boolean;
  readonly isOutOfTabOrder?: boolean;
}): ReactElement {
  const [armed, setArmed] = useState(false);
  useEffect(() => {
    if (!armed) return undefined;
    const timer = setTimeout(() => setArmed(false), armedMs);
    return () => clearTimeout(timer);
  }, [armed]);
  return (
    <span className={styles.danger}>
      {/* Keeps the place of the quiet button, so that nothing moves when the longer words lie over it. */}
      <span className={styles.place} data-size={size} aria-hidden="true">
        {children}
      </span>
      <Button
        look={armed ? 'armed' : 'danger'}
        size={size}
        isDisabled={isDisabled}
        isPending={isPending}
        isOutOfTabOrder={isOutOfTabOrder}
        {...(label === undefined ? {} : { label: armed ? `${armedText}: ${label}` : label })}
        onBlur={() => setArmed(false)}
        onPress={() => {
          setArmed(!armed);
          if (armed) onPress();
        }}
      >
        {armed ? armedText : children}
      </Button>
    </span>
  );
}
