import { mqadmin } from './shell.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second one does not wait.
    if (interrupted.signal.aborted) process.exit(1);
    interrupted.abort();
  });
}
// Whoever reads has seen enough: `mqadmin ... | head`.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await mqadmin(process.argv.slice(2), {
  environment: process.env,
  signal: interrupted.signal,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
