import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CheckTransactionState,
  decodeProperties,
  EndTransaction,
  RemotingCommand,
  ResponseCode,
  SendMessageV2,
  type EndTransactionRequestHeader,
  type TopicRouteData,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import {
  ok,
  recordOf,
  refused,
  routeOf,
  scriptedBroker,
  scriptedNameServer,
  type ScriptedServer,
} from '../../spec-support/scripted-server.ts';
import { settles } from '../../spec-support/queue-broker.ts';
import { TransactionMQProducer, type TransactionProducerOptions } from './transaction-mq-producer.ts';
import { LocalTransactionState, type TransactionListener } from './transaction-types.ts';

const body = Buffer.from('hello');
const SENT_ID = '7F00000100002A9F0000000000000100';

describe('TransactionMQProducer', () => {
  let routes: Map<string, TopicRouteData>;
  let nameServer: ScriptedServer;
  let broker: ScriptedServer;
  let producer: TransactionMQProducer | undefined;
  const ends: { header: EndTransactionRequestHeader; command: RemotingCommand }[] = [];
  const waiting: (() => void)[] = [];

  beforeEach(async () => {
    broker = await scriptedBroker();
    broker.on(310, (request) => {
      const { properties } = SendMessageV2.request.decode(request);
      const transactionId = decodeProperties(Buffer.from(properties ?? '')).get('UNIQ_KEY') ?? '';
      return ok(request, { msgId: SENT_ID, queueId: '0', queueOffset: '7', transactionId });
    });
    ends.length = 0;
    broker.on(EndTransaction.code, (command) => {
      ends.push({ header: EndTransaction.request.decode(command), command });
      for (const resolve of waiting.splice(0)) resolve();
      return undefined;
    });
    routes = new Map([['pay', routeOf({ a: broker.address }, 1)]]);
    nameServer = await scriptedNameServer(routes);
  });

  afterEach(async () => {
    await producer?.shutdown();
    producer = undefined;
    await Promise.all([nameServer.close(), broker.close()]);
  });

  async function started(
    listener: Partial<TransactionListener>,
    options: Partial<TransactionProducerOptions> = {},
  ): Promise<TransactionMQProducer> {
    const transactionListener: TransactionListener = {
      executeLocalTransaction: () => 'COMMIT_MESSAGE',
      checkLocalTransaction: () => 'COMMIT_MESSAGE',
      ...listener,
    };
    producer = new TransactionMQProducer({
      group: 'g',
      nameServer: nameServer.address,
      transactionListener,
      ...options,
    });
    await producer.start();
    return producer;
  }

  async function ended(count = 1): Promise<void> {
    while (ends.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  it('sends the half message, runs the local transaction with its id and argument, and commits', async () => {
    const calls: unknown[] = [];
    const client = await started({
      executeLocalTransaction: async (message, arg) => {
        calls.push([message.topic, message.transactionId, arg, broker.of(310).length]);
        return LocalTransactionState.COMMIT_MESSAGE;
      },
    });
    const result = await client.sendMessageInTransaction({ topic: 'pay', keys: '42', body }, 'arg');
    await ended();
    expect(result).toMatchObject({ sendStatus: 'SEND_OK', localTransactionState: 'COMMIT_MESSAGE' });
    expect(calls).toEqual([['pay', result.msgId, 'arg', 1]]);
    const [request] = broker.of(310);
    const header = SendMessageV2.request.decode(request as RemotingCommand);
    expect(header.sysFlag).toBe(4);
    expect(Object.fromEntries(decodeProperties(Buffer.from(header.properties ?? '')))).toMatchObject({
      TRAN_MSG: 'true',
      PGROUP: 'g',
      KEYS: '42',
      UNIQ_KEY: result.msgId,
    });
    expect(ends[0]?.command.isOneway).toBe(true);
    expect(ends[0]?.header).toEqual({
      topic: 'pay',
      producerGroup: 'g',
      tranStateTableOffset: 7,
      commitLogOffset: 0x100,
      commitOrRollback: 8,
      fromTransactionCheck: false,
      msgId: result.msgId,
      transactionId: result.msgId,
      bname: 'a',
    });
  });

  it.each([
    ['ROLLBACK_MESSAGE', 12],
    ['UNKNOW', 0],
    [undefined, 0],
  ])('tells the broker that the transaction is %s', async (state, wire) => {
    const client = await started({ executeLocalTransaction: () => state as 'UNKNOW' });
    const result = await client.sendMessageInTransaction({ topic: 'pay', body });
    await ended();
    expect(result.localTransactionState).toBe(state ?? 'UNKNOW');
    expect(ends[0]?.header.commitOrRollback).toBe(wire);
  });

  it('leaves the transaction open when the local one throws, and says why', async () => {
    const failure = new Error('no money');
    const client = await started({ executeLocalTransaction: () => Promise.reject(failure) });
    const result = await client.sendMessageInTransaction({ topic: 'pay', body });
    await ended();
    expect(result).toMatchObject({ localTransactionState: 'UNKNOW', localException: failure });
    expect(ends[0]?.header.commitOrRollback).toBe(0);
    expect(ends[0]?.command.remark).toBe('executeLocalTransactionBranch exception: no money');
  });

  it('rolls back without running the local transaction when the half message is not safe', async () => {
    broker.on(310, (request) => {
      const answer = ok(request, { msgId: SENT_ID, queueId: '0', queueOffset: '7' });
      answer.code = ResponseCode.FLUSH_DISK_TIMEOUT;
      return answer;
    });
    let runs = 0;
    const client = await started({
      executeLocalTransaction: () => {
        runs++;
        return 'COMMIT_MESSAGE';
      },
    });
    const result = await client.sendMessageInTransaction({ topic: 'pay', body });
    await ended();
    expect([result.sendStatus, result.localTransactionState, runs]).toEqual([
      'FLUSH_DISK_TIMEOUT',
      'ROLLBACK_MESSAGE',
      0,
    ]);
    expect(ends[0]?.header.commitOrRollback).toBe(12);
  });

  it('runs nothing when the half message was not stored', async () => {
    broker.on(310, (request) => refused(request, ResponseCode.MESSAGE_ILLEGAL, 'no'));
    let runs = 0;
    const client = await started({
      executeLocalTransaction: () => {
        runs++;
        return 'COMMIT_MESSAGE';
      },
    });
    await expect(client.sendMessageInTransaction({ topic: 'pay', body })).rejects.toMatchObject({
      responseCode: ResponseCode.MESSAGE_ILLEGAL,
    });
    expect(runs).toBe(0);
  });

  it('leaves out a delay level, and refuses another delay', async () => {
    const client = await started({});
    await client.sendMessageInTransaction({ topic: 'pay', body, delayLevel: 3 });
    const header = SendMessageV2.request.decode(broker.of(310)[0] as RemotingCommand);
    expect(header.properties).not.toContain('DELAY');
    await expect(
      client.sendMessageInTransaction({ topic: 'pay', body, delayTimeMs: 5 }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('runs the function of the call in place of the listener, and asks for a time without checks', async () => {
    const client = await started({ executeLocalTransaction: () => 'ROLLBACK_MESSAGE' });
    const result = await client.sendMessageInTransaction({ topic: 'pay', body }, undefined, {
      execute: () => 'COMMIT_MESSAGE',
      checkImmunityTimeInSeconds: 60,
    });
    expect(result.localTransactionState).toBe('COMMIT_MESSAGE');
    const header = SendMessageV2.request.decode(broker.of(310)[0] as RemotingCommand);
    expect(header.properties).toContain('CHECK_IMMUNITY_TIME_IN_SECONDS\u000160\u0002');
  });

  it('waits for a local transaction when it is shut down', async () => {
    let finish: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (finish = resolve));
    const client = await started({
      executeLocalTransaction: async () => {
        await running;
        return LocalTransactionState.COMMIT_MESSAGE;
      },
    });
    const sending = client.sendMessageInTransaction({ topic: 'pay', body });
    await settles(() => broker.of(310).length === 1);
    const stopping = client.shutdown();
    await expect(client.sendMessageInTransaction({ topic: 'pay', body })).rejects.toMatchObject({
      code: 'WRONG_STATE',
    });
    finish();
    await Promise.all([stopping, ended()]);
    expect((await sending).localTransactionState).toBe('COMMIT_MESSAGE');
  });

  describe('asked by the broker', () => {
    function ask(properties: Record<string, string> = {}, topic = 'pay'): void {
      const record = recordOf(topic, 0, { PGROUP: 'g', UNIQ_KEY: 'U', ...properties }, 'hello');
      const fields = CheckTransactionState.request.encode({
        topic: 'RMQ_SYS_TRANS_HALF_TOPIC',
        tranStateTableOffset: 9,
        commitLogOffset: 900,
        msgId: 'U',
        transactionId: 'U',
        offsetMsgId: SENT_ID,
        bname: 'a',
      });
      for (const connection of broker.connections)
        connection.oneway(RemotingCommand.request(CheckTransactionState.code, fields, record));
    }

    async function connected(
      listener: Partial<TransactionListener>,
      options: Partial<TransactionProducerOptions> = {},
      advance?: () => void,
    ): Promise<void> {
      const client = await started(listener, options);
      await client.fetchPublishMessageQueues('pay');
      await settles(() => broker.of(34).length > 0, advance);
    }

    it('answers with the state of the transaction, at the places it was asked for', async () => {
      const asked: unknown[] = [];
      await connected({
        checkLocalTransaction: (message) => {
          asked.push([message.topic, message.transactionId, message.body.toString(), message.brokerName]);
          return 'ROLLBACK_MESSAGE';
        },
      });
      ask({ TRAN_MSG: 'true' });
      await ended();
      expect(asked).toEqual([['pay', 'U', 'hello', 'a']]);
      expect(ends[0]?.header).toEqual({
        topic: 'RMQ_SYS_TRANS_HALF_TOPIC',
        producerGroup: 'g',
        tranStateTableOffset: 9,
        commitLogOffset: 900,
        commitOrRollback: 12,
        fromTransactionCheck: true,
        msgId: 'U',
        transactionId: 'U',
        bname: 'a',
      });
    });

    it('shows the topic without the namespace, which the answer is given in', async () => {
      const topics: string[] = [];
      const listener: Partial<TransactionListener> = {
        checkLocalTransaction: (message) => {
          topics.push(message.topic);
          return 'COMMIT_MESSAGE';
        },
      };
      const client = await started(listener, { namespace: 'ns' });
      routes.set('ns%pay', routeOf({ a: broker.address }, 1));
      await client.sendMessageInTransaction({ topic: 'pay', body });
      await ended();
      expect(ends[0]?.header).toMatchObject({ topic: 'ns%pay', producerGroup: 'ns%g' });
      ask({ PGROUP: 'ns%g' }, 'ns%pay');
      await ended(2);
      expect([topics, ends[1]?.header.producerGroup]).toEqual([['pay'], 'ns%g']);
    });

    it('answers that it does not know when the check throws', async () => {
      await connected({
        checkLocalTransaction: () => {
          throw new Error('no database');
        },
      });
      ask();
      await ended();
      expect(ends[0]?.header.commitOrRollback).toBe(0);
      expect(ends[0]?.command.remark).toBe('checkLocalTransactionState exception: no database');
    });

    it('answers that it does not know when the check takes too long', async () => {
      const clock = new ManualClock();
      let asked = false;
      await connected(
        {
          checkLocalTransaction: () => {
            asked = true;
            return new Promise(() => undefined);
          },
        },
        { checkTimeout: 1000, clock },
        () => clock.advance(1),
      );
      ask();
      await settles(() => asked);
      clock.advance(1000);
      await ended();
      expect(ends[0]?.header.commitOrRollback).toBe(0);
    });

    it('checks no more at once than it may, and drops what can not wait', async () => {
      const finish: (() => void)[] = [];
      await connected(
        { checkLocalTransaction: () => new Promise((resolve) => finish.push(() => resolve('UNKNOW'))) },
        { checkConcurrency: 1, checkRequestHoldMax: 1 },
      );
      for (let i = 0; i < 4; i++) ask();
      await settles(() => finish.length === 1);
      finish[0]?.();
      await settles(() => finish.length === 2);
      finish[1]?.();
      await ended(2);
      expect(finish).toHaveLength(2);
    });

    it('does not answer for another group', async () => {
      await connected({});
      ask({ PGROUP: 'other' });
      ask();
      await ended();
      expect(ends.map(({ header }) => header.producerGroup)).toEqual(['g']);
    });
  });

  it('refuses settings that make no sense', () => {
    const transactionListener = {
      executeLocalTransaction: () => 'UNKNOW',
      checkLocalTransaction: () => 'UNKNOW',
    };
    const options = { group: 'g', nameServer: 'a:1', transactionListener } as TransactionProducerOptions;
    expect(() => new TransactionMQProducer({ ...options, checkConcurrency: 0 })).toThrow('checkConcurrency');
    expect(() => new TransactionMQProducer({ ...options, checkTimeout: -1 })).toThrow('checkTimeout');
  });
});
