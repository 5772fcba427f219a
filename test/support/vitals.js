// Loaded before a program (`node --import`): says on standard output what the program holds, whenever it gets SIGUSR2.
import v8 from 'node:v8';
import vm from 'node:vm';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
const probe = setTimeout(() => {}, 0);
const Timeout = probe.constructor;
clearTimeout(probe);
let count = 0;

process.on('SIGUSR2', () => {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const timers = v8.queryObjects(Timeout, { format: 'count' });
  const sockets = resources.filter((name) => name === 'TCPSocketWrap').length;
  process.stdout.write(
    `vitals ${++count} ${JSON.stringify({ heap: heapUsed, buffers: external, timers, sockets })}\n`,
  );
});
