// Installs and builds what changed, as a process of its own: one that has built holds several times the memory of a hub.
// Started by launch.cjs only, and gone when that is.

import { build } from './build.mjs';
import { install } from './install.mjs';
import { main } from './run.mjs';

// By whatever end, SIGKILL too, which nobody could pass on.
process.once('disconnect', () => process.exit(1));
// Waiting for that is no work of its own.
process.channel?.unref();

await main(async () => {
  await install();
  await build();
});
