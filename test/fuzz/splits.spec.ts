import { NameServer } from '@nest-rocketmq/namesrv';
import { decodeFrame, encodeCommand, RequestCode, type RemotingCommand } from '@nest-rocketmq/protocol';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestBroker } from '../../libs/broker/test/test-broker.ts';
import { REQUESTS } from './golden-frames.ts';
import { Peer } from './peer.ts';

const OF_BROKER: number[] = [
  RequestCode.SEND_MESSAGE_V2,
  RequestCode.SEND_BATCH_MESSAGE,
  RequestCode.PULL_MESSAGE,
  RequestCode.GET_MAX_OFFSET,
  RequestCode.QUERY_CONSUMER_OFFSET,
  RequestCode.HEART_BEAT,
  RequestCode.GET_CONSUMER_LIST_BY_GROUP,
  RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
];
const OF_NAME_SERVER: number[] = [RequestCode.GET_ROUTEINFO_BY_TOPIC, RequestCode.GET_BROKER_CLUSTER_INFO];
/** What differs between two answers to the same request that is repeated. */
const COUNTED = new Set([
  'queueOffset',
  'msgId',
  'offsetMsgId',
  'transactionId',
  'maxOffset',
  'nextBeginOffset',
  'offset',
  'recallHandle',
]);

/** Of each code the last frames that there are: the ones with proper fields, as JSON and as ROCKETMQ. */
function framesOf(codes: readonly number[]): Buffer[] {
  return codes.flatMap((code) => REQUESTS.filter((frame) => decodeFrame(frame).code === code).slice(-2));
}

function told(answers: readonly RemotingCommand[]): unknown[] {
  return answers.map(({ code, flag, opaque, remark, extFields, body }) => ({
    code,
    flag,
    opaque,
    remark: remark?.replace(/\d{10,}/g, '#'),
    fields: [...extFields].filter(([key]) => !COUNTED.has(key)),
    keys: [...extFields.keys()],
    body: code === 0 && body.length > 0 ? 'some' : '',
  }));
}

let broker: TestBroker;
let nameServer: NameServer;
beforeAll(async () => {
  broker = await TestBroker.start();
  nameServer = new NameServer({ listenPort: 0 });
  await nameServer.start();
  await broker.send('T', 'x');
});
afterAll(async () => {
  await broker.remove();
  await nameServer.shutdown();
});

it('20 frames are answered alike wherever they are split', async () => {
  const cases = [
    ...framesOf(OF_BROKER).map((frame) => ({
      frame,
      address: broker.address,
      code: RequestCode.GET_MAX_OFFSET,
    })),
    ...framesOf(OF_NAME_SERVER).map((frame) => ({
      frame,
      address: nameServer.address,
      code: RequestCode.GET_ROUTEINFO_BY_TOPIC,
    })),
  ];
  expect(cases).toHaveLength(20);
  let splits = 0;
  await Promise.all(
    cases.map(async ({ frame, address, code }) => {
      const peer = new Peer(address, code, { topic: 'none', queueId: '0' });
      await peer.ask(frame, true);
      const whole = told(peer.answers);
      expect(whole).toHaveLength(1);
      for (let at = 1; at < frame.length; at++, splits++) {
        await peer.askSplit(frame, at);
        expect([at, told(peer.answers)]).toEqual([at, whole]);
      }
      await peer.close();
    }),
  );
  expect(splits).toBeGreaterThan(3000);
});

it('frames that arrive together, cut anywhere, are all answered, in any number', async () => {
  const peer = new Peer(broker.address, RequestCode.GET_MAX_OFFSET, { topic: 'none', queueId: '0' });
  const frame = framesOf([RequestCode.QUERY_CONSUMER_OFFSET])[0] ?? Buffer.alloc(0);
  const three = Buffer.concat(
    [1, 2, 3].map((opaque) => {
      const command = decodeFrame(frame);
      command.opaque = opaque;
      return encodeCommand(command);
    }),
  );
  for (let at = 1; at < three.length; at += 3) {
    await peer.askSplit(three, at);
    expect(peer.answers.map((answer) => answer.opaque).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  }
  await peer.close();
});
