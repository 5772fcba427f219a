// A producer of transactions to be killed: its "database" is the file, written before a transaction counts as decided.
// Arguments: NameServer, topic, file.
import { appendFileSync } from 'node:fs';
import { TransactionMQProducer } from '@nest-rocketmq/client';

const [nameServer, topic, file] = process.argv.slice(2);

const producer = new TransactionMQProducer({
  group: 'transaction-chaos',
  nameServer,
  transactionListener: {
    executeLocalTransaction: (message) => {
      if (Number(message.keys) % 3 === 1) return 'ROLLBACK_MESSAGE';
      appendFileSync(file, `${message.transactionId}\n`);
      return Number(message.keys) % 3 === 2 ? 'UNKNOW' : 'COMMIT_MESSAGE';
    },
    checkLocalTransaction: () => 'UNKNOW',
  },
});
await producer.start();
process.stdout.write('ready\n');
await Promise.all(
  Array.from({ length: 8 }, async (_, lane) => {
    for (let i = lane; ; i += 8) {
      const message = { topic, keys: String(i), body: Buffer.from(String(i)) };
      await producer.sendMessageInTransaction(message).catch(() => undefined);
    }
  }),
);
