// Sends messages of all kinds at a rate and consumes them, from SIGHUP to SIGHUP. Then it waits for what is not consumed
// yet, says what became of all on standard output, and rests. Arguments: name server, topic, messages per second.
import { ConsumeFromWhere, DefaultMQPushConsumer, TransactionMQProducer } from '@nest-rocketmq/client';

const [nameServer, topic, rate] = process.argv.slice(2);
const TICK_MS = 10;
const MAX_IN_FLIGHT = 4096;
const BATCH = 16;
const PATIENCE_MS = 30_000;
const body = Buffer.alloc(256, 'x');

const producer = new TransactionMQProducer({
  group: 'soak-producer',
  nameServer,
  transactionListener: {
    executeLocalTransaction: () => 'COMMIT_MESSAGE',
    checkLocalTransaction: () => 'COMMIT_MESSAGE',
  },
});
const consumer = new DefaultMQPushConsumer({
  group: 'soak-consumer',
  nameServer,
  consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
  consumeMessageBatchMaxSize: 32,
});
const counts = { acknowledged: 0, failed: 0, consumed: 0 };
let inFlight = 0;
let sequence = 0;
let timer;

consumer.subscribe(topic, '*');
consumer.onMessage((messages) => {
  counts.consumed += messages.length;
});
await producer.start();
await consumer.start();
// Who is connected and has all that a first message makes, sent and consumed.
await send(1, producer.send({ topic, body }));
while (counts.consumed < counts.acknowledged) await new Promise((resolve) => setTimeout(resolve, 50));
process.stdout.write('ready\n');

async function send(size, sent) {
  inFlight += size;
  try {
    await sent;
    counts.acknowledged += size;
  } catch {
    counts.failed += size;
  }
  inFlight -= size;
}

function tick() {
  for (let left = (Number(rate) * TICK_MS) / 1000; left > 0 && inFlight < MAX_IN_FLIGHT; left--, sequence++) {
    const message = { topic, body, keys: `key${sequence}`, tags: `tag${sequence % 4}` };
    const kind = sequence % 200;
    if (kind === 0) void send(1, producer.send({ ...message, delayTimeMs: 500 + (sequence % 1000) }));
    else if (kind === 1) void send(1, producer.sendMessageInTransaction(message));
    else if (kind < 8) void send(BATCH, producer.sendBatch(Array.from({ length: BATCH }, () => message)));
    else void send(1, producer.send(message));
  }
}

async function finish() {
  clearInterval(timer);
  timer = undefined;
  const deadline = Date.now() + PATIENCE_MS;
  while ((inFlight > 0 || counts.consumed < counts.acknowledged) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.stdout.write(`done ${JSON.stringify(counts)}\n`);
}

process.on('SIGHUP', () => {
  if (timer) void finish();
  else timer = setInterval(tick, TICK_MS);
});
