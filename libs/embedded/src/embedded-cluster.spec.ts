import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeRecords,
  GetMaxOffset,
  GetRouteInfoByTopic,
  PullMessage,
  RemotingCommand,
  RequestCode,
  ResponseCode,
  SendMessage,
  TopicRouteData,
} from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { EmbeddedCluster, temporaryDirectory, type TemporaryDirectory } from './index.ts';

describe('EmbeddedCluster', () => {
  let client: RemotingClient;
  let directory: TemporaryDirectory;
  const clusters: EmbeddedCluster[] = [];
  const started = async (cluster: Promise<EmbeddedCluster>): Promise<EmbeddedCluster> => {
    clusters.push(await cluster);
    return cluster;
  };
  const send = (broker: string, topic: string, body: string): Promise<RemotingCommand> => {
    const header = {
      producerGroup: 'p',
      topic,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 0,
      sysFlag: 0,
      bornTimestamp: 1,
      flag: 0,
    };
    return client.invoke(
      broker,
      RemotingCommand.request(SendMessage.code, SendMessage.request.encode(header), Buffer.from(body)),
      3000,
    );
  };
  const bodies = async (broker: string, topic: string): Promise<string[]> => {
    const header = {
      consumerGroup: 'TOOLS_CONSUMER',
      topic,
      queueId: 0,
      queueOffset: 0,
      maxMsgNums: 32,
      sysFlag: 4,
    };
    const fields = PullMessage.request.encode({
      ...header,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subVersion: 0,
      subscription: '*',
    });
    const answer = await client.invoke(broker, RemotingCommand.request(PullMessage.code, fields), 3000);
    return decodeRecords(answer.body).map((record) => record.body.toString());
  };

  beforeEach(async () => {
    client = new RemotingClient();
    directory = await temporaryDirectory();
  });
  afterEach(async () => {
    await client.close();
    for (const cluster of clusters.splice(0)) await cluster.shutdown();
    await directory.remove();
  });

  it('takes messages of a topic that its NameServer then knows', async () => {
    const cluster = await started(EmbeddedCluster.startTemporary());
    expect((await send(cluster.brokerAddress, 'order', 'one')).code).toBe(ResponseCode.SUCCESS);
    expect(await bodies(cluster.brokerAddress, 'order')).toEqual(['one']);
    const route = RemotingCommand.request(GetRouteInfoByTopic.code, new Map([['topic', 'order']]));
    // The broker tells the NameServer of a new topic without keeping the producer waiting.
    let answer = await client.invoke(cluster.nameServer, route, 3000);
    while (answer.code === ResponseCode.TOPIC_NOT_EXIST)
      answer = await client.invoke(cluster.nameServer, route, 3000);
    const [broker] = TopicRouteData.decode(answer.body).brokerDatas;
    expect([...(broker?.brokerAddrs.values() ?? [])]).toEqual([cluster.brokerAddress]);
  });

  it.each([
    ['serves', {}, ResponseCode.SUCCESS],
    ['does not serve, when told so,', { enablePropertyFilter: false }, ResponseCode.SYSTEM_ERROR],
  ])('%s subscriptions by SQL92', async (_, broker, code) => {
    const cluster = await started(EmbeddedCluster.startTemporary({ broker }));
    const subscriptionData = { topic: 'T', subString: 'a > 5', expressionType: 'SQL92' };
    const body = Buffer.from(JSON.stringify({ clientId: 'c', group: 'g', subscriptionData }));
    const check = RemotingCommand.request(RequestCode.CHECK_CLIENT_CONFIG, new Map(), body);
    expect((await client.invoke(cluster.brokerAddress, check, 3000)).code).toBe(code);
  });

  it('is on loopback alone', async () => {
    const cluster = await started(EmbeddedCluster.startTemporary());
    expect([cluster.nameServer, cluster.brokerAddress]).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    ]);
  });

  it('keeps what it was given over a restart', async () => {
    const first = await started(EmbeddedCluster.start({ storePath: directory.path }));
    await send(first.brokerAddress, 'order', 'one');
    await first.shutdown();
    const second = await started(EmbeddedCluster.start({ storePath: directory.path }));
    expect(await bodies(second.brokerAddress, 'order')).toEqual(['one']);
    const fields = GetMaxOffset.request.encode({ topic: 'order', queueId: 0 });
    const max = await client.invoke(
      second.brokerAddress,
      RemotingCommand.request(GetMaxOffset.code, fields),
      3000,
    );
    expect(GetMaxOffset.response.decode(max)).toEqual({ offset: 1 });
  });

  it('leaves nothing of a temporary one', async () => {
    const cluster = await started(EmbeddedCluster.startTemporary());
    await send(cluster.brokerAddress, 'order', 'one');
    expect(existsSync(cluster.storePath)).toBe(true);
    await cluster.shutdown();
    await cluster.shutdown();
    expect(existsSync(cluster.storePath)).toBe(false);
  });

  it('refuses a directory that is in use, without harm to who uses it', async () => {
    const first = await started(EmbeddedCluster.start({ storePath: directory.path }));
    await expect(EmbeddedCluster.start({ storePath: directory.path })).rejects.toMatchObject({
      code: 'STORE',
    });
    expect((await send(first.brokerAddress, 'order', 'one')).code).toBe(ResponseCode.SUCCESS);
  });

  it('refuses a port that is taken, and settings that are wrong', async () => {
    const first = await started(EmbeddedCluster.startTemporary());
    const namesrv = Number(first.nameServer.split(':')[1]);
    await expect(EmbeddedCluster.startTemporary({ ports: { namesrv } })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
    const broker = { ['brokerNmae' as 'brokerName']: 'x' };
    await expect(EmbeddedCluster.startTemporary({ broker })).rejects.toThrow('Did you mean brokerName?');
  });

  it('runs beside others', async () => {
    const [a, b] = await Promise.all([
      started(EmbeddedCluster.startTemporary()),
      started(EmbeddedCluster.startTemporary({ broker: { brokerName: 'broker-b' } })),
    ]);
    await send(a.brokerAddress, 'order', 'one');
    expect(await bodies(b.brokerAddress, 'order')).toEqual([]);
  });
});
