import {
  decodeRecords,
  parseMessageProperties,
  RemotingCommand,
  RequestCode,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { TestBroker } from '../../test/test-broker.ts';

const REPLY_TOPIC = 'DefaultCluster_REPLY_TOPIC';

describe('request and reply', () => {
  let broker: TestBroker;
  let requester: RemotingClient;

  beforeEach(async () => {
    broker = await TestBroker.start();
    requester = new RemotingClient();
  });

  afterEach(async () => {
    await requester.close();
    await broker.remove();
  });

  const reply = (body: string, properties: Record<string, string>, code: number): Promise<RemotingCommand> =>
    broker.send(REPLY_TOPIC, body, { code, properties, sysFlag: 0, flag: 3 });
  const stored = async (): Promise<Map<string, string>[]> => {
    const answer = await broker.pull('G', REPLY_TOPIC, 0, 0, { sysFlag: 4 });
    return answer.code === 0 ? decodeRecords(answer.body).map((record) => record.properties) : [];
  };
  const pushes = (answer: (request: RemotingCommand) => RemotingCommand | undefined): RemotingCommand[] => {
    const pushed: RemotingCommand[] = [];
    requester.register(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT, (request) => {
      pushed.push(request);
      return answer(request);
    });
    return pushed;
  };
  const ok = (request: RemotingCommand): RemotingCommand => RemotingCommand.response(request, 0);

  it.each([
    ['V2 (325)', RequestCode.SEND_REPLY_MESSAGE_V2],
    ['V1 (324)', RequestCode.SEND_REPLY_MESSAGE],
  ])('brings a reply of %s to the client that asked, and stores it', async (_name, code) => {
    const pushed = pushes(ok);
    await broker.heartBeat('requester', [], requester);
    const properties = { CORRELATION_ID: 'c1', REPLY_TO_CLIENT: 'requester', TTL: '3000', MSG_TYPE: 'reply' };
    const fields =
      code === RequestCode.SEND_REPLY_MESSAGE
        ? await broker.ask(
            code,
            {
              producerGroup: 'PG',
              topic: REPLY_TOPIC,
              defaultTopic: 'TBW102',
              defaultTopicQueueNums: '4',
              queueId: '0',
              sysFlag: '0',
              bornTimestamp: '1700000000000',
              flag: '3',
              properties: Object.entries(properties)
                .map(([name, value]) => `${name}\u0001${value}\u0002`)
                .join(''),
            },
            Buffer.from('answer'),
          )
        : await reply('answer', properties, code);
    expect(fields.code).toBe(ResponseCode.SUCCESS);
    expect(fields.get('msgId')).toMatch(/^[0-9A-F]{32}$/);
    expect(fields.get('queueOffset')).toBe('0');
    expect(fields.get('MSG_REGION')).toBe('DefaultRegion');

    const [push] = pushed;
    expect(push?.body.toString()).toBe('answer');
    expect(push?.get('topic')).toBe(REPLY_TOPIC);
    expect(push?.get('flag')).toBe('3');
    expect(push?.get('bornTimestamp')).toBe('1700000000000');
    expect(push?.get('storeHost')).toBe(broker.address);
    expect(push?.get('bornHost')).toMatch(/^127\.0\.0\.1:\d+$/);
    const carried = parseMessageProperties(push?.get('properties') ?? '');
    expect(carried.get('CORRELATION_ID')).toBe('c1');
    expect(Number(carried.get('PUSH_REPLY_TIME'))).toBeGreaterThan(0);
    expect(await stored()).toEqual([
      new Map([...Object.entries(properties), ['MSG_REGION', 'DefaultRegion'], ['TRACE_ON', 'true']]),
    ]);
  });

  it('says that the requester is gone, and stores the reply all the same', async () => {
    const answer = await reply('late', { REPLY_TO_CLIENT: 'gone', CORRELATION_ID: 'c' }, 325);
    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(answer.remark).toBe('push reply message fail, channel of <gone> not found.');
    expect(await stored()).toHaveLength(1);
  });

  it('forgets a requester whose connection is closed', async () => {
    pushes(ok);
    await broker.heartBeat('requester', [], requester);
    await requester.close();
    const answer = await reply('late', { REPLY_TO_CLIENT: 'requester' }, 325);
    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(answer.remark).toMatch(
      /^push reply message (fail, channel of <requester> not found\.|to requester fail\.)$/,
    );
  });

  it('says that the requester refused the reply', async () => {
    pushes((request) => RemotingCommand.response(request, 1, 'no'));
    await broker.heartBeat('requester', [], requester);
    const answer = await reply('x', { REPLY_TO_CLIENT: 'requester' }, 325);
    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(answer.remark).toBe('push reply message to requester fail.');
  });

  it('says that the reply names nobody', async () => {
    const answer = await reply('x', {}, 325);
    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(answer.remark).toBe('reply message properties[REPLY_TO_CLIENT] is null');
  });

  it('takes a reply without a body, as the Go client sends it', async () => {
    const pushed = pushes(ok);
    await broker.heartBeat('requester', [], requester);
    const answer = await reply('', { REPLY_TO_CLIENT: 'requester' }, 325);
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    expect(pushed[0]?.body).toHaveLength(0);
  });

  it('refuses what a send would be refused, and replies to any other topic', async () => {
    const properties = { REPLY_TO_CLIENT: 'requester' };
    for (const topic of ['SCHEDULE_TOPIC_XXXX', 'order']) {
      const answer = await broker.send(topic, 'x', { code: 325, properties });
      expect(answer.code).toBe(ResponseCode.NO_PERMISSION);
    }
    const wrongQueue = await broker.send(REPLY_TOPIC, 'x', { code: 325, properties, queueId: 9 });
    expect(wrongQueue.code).toBe(ResponseCode.INVALID_PARAMETER);
  });
});

describe('request and reply without storeReplyMessageEnable', () => {
  it('delivers the reply and keeps nothing', async () => {
    const broker = await TestBroker.start({ storeReplyMessageEnable: false });
    const requester = new RemotingClient();
    try {
      requester.register(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT, (request) =>
        RemotingCommand.response(request, 0),
      );
      await broker.heartBeat('requester', [], requester);
      const answer = await broker.send(REPLY_TOPIC, 'x', {
        code: 325,
        properties: { REPLY_TO_CLIENT: 'requester' },
      });
      expect([answer.code, answer.get('msgId'), answer.get('queueOffset')]).toEqual([0, '0', '0']);
      const max = await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: REPLY_TOPIC, queueId: '0' });
      expect(max.get('offset')).toBe('0');
    } finally {
      await requester.close();
      await broker.remove();
    }
  });
});
