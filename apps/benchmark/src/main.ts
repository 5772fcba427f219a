import { parseArgs } from 'node:util';

const USAGE = `rocketmq-benchmark <load> [options]: puts a load on a server and prints what came of it as one line of JSON

  send      --broker host:port    SEND_MESSAGE_V2, one frame a message
  pull      --broker host:port    PULL_MESSAGE over whole queues, again and again
  route     --name-server host:port    GET_ROUTEINFO_BY_TOPIC on one connection
  consume   --name-server host:port    DefaultMQPushConsumer over a topic that is full of messages
  template  --name-server host:port    single sends through RocketMQTemplate in a Nest application

  --topic BenchmarkTest  --queues 4  --connections 1  --window 64  --body 1024  --batch 32
  --warm-up 2000  --time 5000 (milliseconds)
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    broker: { type: 'string', default: '127.0.0.1:10911' },
    'name-server': { type: 'string', default: '127.0.0.1:9876' },
    topic: { type: 'string', default: 'BenchmarkTest' },
    queues: { type: 'string', default: '4' },
    connections: { type: 'string', default: '1' },
    window: { type: 'string', default: '64' },
    body: { type: 'string', default: '1024' },
    batch: { type: 'string', default: '32' },
    'warm-up': { type: 'string', default: '2000' },
    time: { type: 'string', default: '5000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const common = {
  broker: values.broker,
  nameServer: values['name-server'],
  topic: values.topic,
  queues: Number(values.queues),
  connections: Number(values.connections),
  window: Number(values.window),
  bodyBytes: Number(values.body),
  batch: Number(values.batch),
  warmUpMs: Number(values['warm-up']),
  measuredMs: Number(values.time),
};

const loads: Record<string, () => Promise<object>> = {
  send: async () => (await import('./send-load.ts')).sendLoad(common),
  pull: async () => (await import('./pull-load.ts')).pullLoad(common),
  route: async () => (await import('./route-load.ts')).routeLoad(common),
  consume: async () => (await import('./consume-load.ts')).consumeLoad(common),
  // Nest is loaded only by the load that needs it.
  template: async () => (await import('./template-load.ts')).templateLoad(common),
};

const load = loads[positionals[0] ?? ''];
if (!load || values.help) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}
process.stdout.write(`${JSON.stringify(await load())}\n`);
