// Installs and builds what changed, then becomes the hub: the command runs in this very process, so Ctrl-C, exit codes
// and the terminal are its own, and nothing is left to forward or to orphan. Called by start.cjs only.

const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

async function launch() {
  const { install } = await import('./install.mjs');
  const { build } = await import('./build.mjs');
  const { Fault } = await import('./run.mjs');
  const command = join(__dirname, '..', 'packages', 'telltale', 'bin', 'telltale.js');
  try {
    await install();
    await build();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    console.error(fault.message);
    process.exitCode = 1;
    return;
  }
  process.argv = [process.argv[0], command, 'start', ...process.argv.slice(2)];
  await import(pathToFileURL(command).href);
}

void launch();
