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
  if (process.env['npm_lifecycle_event'] === 'start') endWithShell();
  await import(pathToFileURL(command).href);
}

/**
 * npm runs us in a shell, and passes a SIGTERM on to that shell only, which dies of it in silence: seeing it gone, we
 * end as if we had been asked ourselves. A signal that did reach us is enough.
 */
function endWithShell() {
  const shell = process.ppid;
  let isListening = false;
  const timer = setInterval(() => {
    if (process.ppid !== shell) {
      clearInterval(timer);
      process.kill(process.pid, 'SIGTERM');
    } else if (!isListening && process.listenerCount('SIGTERM') > 0) {
      // Not before the command listens: a listener of ours alone would make us deaf to Ctrl-C while it starts.
      isListening = true;
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => clearInterval(timer));
    }
  }, 100);
  timer.unref();
}

void launch();
