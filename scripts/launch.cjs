// Has what changed installed and built, then becomes the hub: the command runs in this very process, so Ctrl-C, exit codes
// and the terminal are its own, and nothing is left to forward or to orphan. Called by start.cjs only.

const { fork } = require('node:child_process');
const { constants } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

async function launch() {
  if (process.env['npm_lifecycle_event'] === 'start') endWithShell();
  const code = await prepare();
  if (code !== 0) {
    process.exitCode = code;
    return;
  }
  const command = join(__dirname, '..', 'packages', 'telltale', 'bin', 'telltale.js');
  process.argv = [process.argv[0], command, 'start', ...process.argv.slice(2)];
  await import(pathToFileURL(command).href);
}

/** Runs prepare.mjs, which says itself what failed; answers its exit code, 128 + n where signal n ended it. */
function prepare() {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'prepare.mjs'));
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
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
