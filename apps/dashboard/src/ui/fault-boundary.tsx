// Catches what a part of the page throws while it draws, so that the rest stays: the person reads what happened and can
// try again. React asks for a class here.

import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

interface FaultBoundaryProps {
  /** Makes a new try possible: called before the part is drawn again. */
  readonly onRetry: () => void;
  /** Wraps what is shown instead, where a page needs its frame. */
  readonly frame?: (fault: ReactNode) => ReactNode;
  readonly children: ReactNode;
}

export class FaultBoundary extends Component<FaultBoundaryProps, { readonly fault: Error | undefined }> {
  override state: { readonly fault: Error | undefined } = { fault: undefined };

  static getDerivedStateFromError(fault: unknown): { readonly fault: Error } {
    return { fault: fault instanceof Error ? fault : new Error(String(fault)) };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    const { onRetry, frame, children } = this.props;
    if (fault === undefined) return children;
    const isLoading = /dynamically imported module|module script|Importing/i.test(fault.message);
    const said = (
      <>
        <Notice kind="crit" title={isLoading ? 'This page was not loaded' : 'This page met a fault of its own'}>
          {isLoading ? 'Its program did not arrive from the hub. Try again when the hub answers.' : fault.message}
        </Notice>
        <div>
          <Button
            onPress={() => {
              onRetry();
              this.setState({ fault: undefined });
            }}
          >
            Try again
          </Button>
        </div>
      </>
    );
    return frame === undefined ? said : frame(said);
  }
}
