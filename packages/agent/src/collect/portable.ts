// systeminformation, loaded only where the kernel cannot be asked itself: on Linux nothing of it is ever read.

import type systeminformation from 'systeminformation';

export async function portable(): Promise<typeof systeminformation> {
  return (await import('systeminformation')).default;
}
