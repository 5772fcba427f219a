import {
  crc32,
  decodeRecords,
  GetMaxOffset,
  GetMinOffset,
  PullMessage,
  RemotingCommand,
} from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { silentLogger, systemClock } from '@nest-rocketmq/runtime';
import type { HistoryWriter } from './history.ts';

/** `sysFlag` of a pull that brings its own subscription. */
const SUBSCRIPTION_INCLUDED = 4;

/** Reads whole queues off a broker, by PULL_MESSAGE and nothing else, and records what it finds. */
export async function readQueues(
  broker: string,
  topic: string,
  queues: number,
  round: number,
  history: HistoryWriter,
): Promise<number> {
  const client = new RemotingClient({ clock: systemClock, logger: silentLogger });
  let count = 0;
  try {
    for (let queueId = 0; queueId < queues; queueId++) {
      const min = await offset(client, broker, GetMinOffset.code, topic, queueId);
      const max = await offset(client, broker, GetMaxOffset.code, topic, queueId);
      history.add({ type: 'range', round, queueId, min, max });
      for (let next = min; next < max;) {
        const header = PullMessage.request.encode({
          consumerGroup: 'chaos-reader',
          topic,
          queueId,
          queueOffset: next,
          maxMsgNums: 32,
          sysFlag: SUBSCRIPTION_INCLUDED,
          commitOffset: 0,
          suspendTimeoutMillis: 0,
          subscription: '*',
          subVersion: 0,
          expressionType: 'TAG',
        });
        const answer = await client.invoke(broker, RemotingCommand.request(PullMessage.code, header), 10_000);
        if (answer.code !== 0) break;
        for (const record of decodeRecords(answer.body)) {
          const id = record.property('KEYS') ?? '';
          const crc = crc32(record.body);
          const msgId = record.property('UNIQ_KEY') ?? '';
          history.add({ type: 'read', round, queueId, offset: record.queueOffset, id, crc, msgId });
          count++;
        }
        next = PullMessage.response.decode(answer).nextBeginOffset;
      }
    }
  } finally {
    await client.close();
  }
  return count;
}

async function offset(
  client: RemotingClient,
  broker: string,
  code: number,
  topic: string,
  queueId: number,
): Promise<number> {
  const fields = new Map([
    ['topic', topic],
    ['queueId', String(queueId)],
  ]);
  const answer = await client.invoke(broker, RemotingCommand.request(code, fields), 10_000);
  return Number(answer.get('offset') ?? 0);
}
