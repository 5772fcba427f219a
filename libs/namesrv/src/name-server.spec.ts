import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import {
  AddWritePermOfBroker,
  BrokerHeartbeat,
  ClusterInfo,
  crc32,
  DataVersion,
  DeleteKvConfig,
  DeleteTopicInNamesrv,
  encodeCompressedRegisterBrokerBody,
  GetBrokerMemberGroupResponseBody,
  GetKvConfig,
  GetRouteInfoByTopic,
  GetTopicsByCluster,
  KVTable,
  parseProperties,
  PutKvConfig,
  QueryDataVersion,
  RegisterBroker,
  RegisterBrokerBody,
  RegisterTopicInNamesrv,
  RemotingCommand,
  RequestCode,
  ResponseCode,
  SerializeType,
  TopicList,
  TopicRouteData,
  UnregisterBroker,
  WipeWritePermOfBroker,
  type TopicConfig,
} from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { NameServer, type NamesrvConfig } from './index.ts';

const TIMEOUT = 5000;
const version = { stateVersion: 0, timestamp: 1, counter: 1 };

const topic = (topicName: string, extra: Partial<TopicConfig> = {}): TopicConfig => ({
  topicName,
  readQueueNums: 4,
  writeQueueNums: 4,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  topicSysFlag: 0,
  order: false,
  attributes: new Map(),
  ...extra,
});

const bodyOf = (topics: TopicConfig[], dataVersion = version): RegisterBrokerBody => ({
  topicConfigSerializeWrapper: {
    topicConfigTable: new Map(topics.map((t) => [t.topicName, t])),
    dataVersion,
  },
  filterServerList: [],
});

const master = {
  clusterName: 'c',
  brokerName: 'broker-a',
  brokerAddr: '127.0.0.1:10911',
  brokerId: 0,
  haServerAddr: '127.0.0.1:10912',
  compressed: false,
  bodyCrc32: 0,
};

describe('NameServer', () => {
  let directory: string;
  let clock: ManualClock;
  let nameServer: NameServer;
  let client: RemotingClient;

  const start = async (config: Partial<NamesrvConfig> = {}): Promise<void> => {
    const kvConfigPath = join(directory, 'kvConfig.json');
    const configStorePath = join(directory, 'namesrv.properties');
    nameServer = new NameServer({ listenPort: 0, kvConfigPath, configStorePath, ...config }, { clock });
    await nameServer.start();
  };
  const ask = (
    code: number,
    fields?: Map<string, string>,
    body?: Buffer,
    from = client,
  ): Promise<RemotingCommand> =>
    from.invoke(nameServer.address, RemotingCommand.request(code, fields, body), TIMEOUT);
  const register = (
    header: Partial<typeof master> & { enableActingMaster?: boolean; heartbeatTimeoutMillis?: number } = {},
    topics = [topic('TopicA'), topic('TopicB')],
    dataVersion = version,
    from = client,
  ): Promise<RemotingCommand> => {
    const body = RegisterBrokerBody.encode(bodyOf(topics, dataVersion));
    return ask(RegisterBroker.code, RegisterBroker.request.encode({ ...master, ...header }), body, from);
  };
  const route = async (name: string): Promise<TopicRouteData | undefined> => {
    const answer = await ask(GetRouteInfoByTopic.code, new Map([['topic', name]]));
    return answer.code === ResponseCode.SUCCESS ? TopicRouteData.decode(answer.body) : undefined;
  };
  const topicList = async (code: number, fields?: Map<string, string>): Promise<string[]> =>
    TopicList.decode((await ask(code, fields)).body).topicList.sort();

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'namesrv-'));
    clock = new ManualClock();
    client = new RemotingClient();
    await start();
  });
  afterEach(async () => {
    await client.close();
    await nameServer.shutdown();
    rmSync(directory, { recursive: true });
  });

  describe('registration', () => {
    it('makes a broker and its topics known', async () => {
      expect((await register()).code).toBe(ResponseCode.SUCCESS);
      expect(await route('TopicA')).toEqual({
        queueDatas: [
          { brokerName: 'broker-a', readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 },
        ],
        brokerDatas: [
          {
            cluster: 'c',
            brokerName: 'broker-a',
            brokerAddrs: new Map([[0, '127.0.0.1:10911']]),
            enableActingMaster: false,
          },
        ],
        filterServerTable: new Map(),
      });
    });

    it('checks the CRC of the body unless it is 0', async () => {
      const body = RegisterBrokerBody.encode(bodyOf([topic('TopicA'), topic('TopicB')]));
      const send = (bodyCrc32: number): Promise<RemotingCommand> =>
        ask(RegisterBroker.code, RegisterBroker.request.encode({ ...master, bodyCrc32 }), body);
      expect(await send(crc32(body) ^ 1)).toMatchObject({
        code: ResponseCode.SYSTEM_ERROR,
        remark: 'crc32 not match',
      });
      expect(await route('TopicA')).toBeUndefined();
      expect((await send(crc32(body))).code).toBe(ResponseCode.SUCCESS);
    });

    it('reads the compressed form', async () => {
      const body = encodeCompressedRegisterBrokerBody(
        bodyOf([topic('TopicA'), topic('TopicB', { perm: 4 })]),
        479,
      );
      const fields = RegisterBroker.request.encode({ ...master, compressed: true, bodyCrc32: crc32(body) });
      expect((await ask(RegisterBroker.code, fields, body)).code).toBe(ResponseCode.SUCCESS);
      expect((await route('TopicB'))?.queueDatas[0]?.perm).toBe(4);
    });

    it('refuses a broker that begins with a single topic', async () => {
      const answer = await register({}, [topic('TopicA')]);
      expect(answer).toMatchObject({ code: ResponseCode.SYSTEM_ERROR, remark: 'register broker failed' });
      expect(await route('TopicA')).toBeUndefined();
      const cluster = ClusterInfo.decode((await ask(RequestCode.GET_BROKER_CLUSTER_INFO)).body);
      expect(cluster.brokerAddrTable.size).toBe(0);
    });

    it('takes a changed topic over only with a new version', async () => {
      await register();
      await register({}, [topic('TopicA', { perm: 4 }), topic('TopicB')]);
      expect((await route('TopicA'))?.queueDatas[0]?.perm).toBe(6);
      await register({}, [topic('TopicA', { perm: 4 }), topic('TopicB')], { ...version, counter: 2 });
      expect((await route('TopicA'))?.queueDatas[0]?.perm).toBe(4);
    });

    it('adds a topic that it lacks even with the version it knows', async () => {
      await register();
      await register({}, [topic('TopicA'), topic('TopicC')]);
      expect(await route('TopicC')).toBeDefined();
      expect(await route('TopicB')).toBeDefined();
    });

    it('drops topics that a broker does not name any more when told so', async () => {
      await nameServer.shutdown();
      await start({ deleteTopicWithBrokerRegistration: true });
      await register();
      await register({}, [topic('TopicA'), topic('TopicC')], { ...version, counter: 2 });
      expect(await route('TopicB')).toBeUndefined();
    });

    it('tells a slave its master, and takes no topics from it', async () => {
      await register();
      const slave = { brokerId: 1, brokerAddr: '127.0.0.1:10921', haServerAddr: '127.0.0.1:10922' };
      const answer = await register(slave, [topic('TopicS'), topic('TopicT')]);
      expect(RegisterBroker.response.decode(answer)).toEqual({
        masterAddr: '127.0.0.1:10911',
        haServerAddr: '127.0.0.1:10912',
      });
      expect(await route('TopicS')).toBeUndefined();
      expect((await route('TopicA'))?.brokerDatas[0]?.brokerAddrs).toEqual(
        new Map([
          [0, '127.0.0.1:10911'],
          [1, '127.0.0.1:10921'],
        ]),
      );
    });

    it('moves an address that comes with another id', async () => {
      await register({ brokerId: 1 });
      await register({ brokerId: 0 });
      expect((await route('TopicA'))?.brokerDatas[0]?.brokerAddrs).toEqual(new Map([[0, '127.0.0.1:10911']]));
    });

    it('keeps the newer of two brokers with one name and id', async () => {
      await register({}, undefined, { ...version, stateVersion: 5 });
      const answer = await register({ brokerAddr: '127.0.0.1:10931' }, undefined, {
        ...version,
        stateVersion: 4,
      });
      expect(answer.code).toBe(ResponseCode.SUCCESS);
      expect((await route('TopicA'))?.brokerDatas[0]?.brokerAddrs.get(0)).toBe('127.0.0.1:10911');
      await register({ brokerAddr: '127.0.0.1:10931' }, undefined, { ...version, stateVersion: 6 });
      expect((await route('TopicA'))?.brokerDatas[0]?.brokerAddrs.get(0)).toBe('127.0.0.1:10931');
    });

    it('refuses names that are empty, too long, or not printable', async () => {
      for (const brokerName of ['', 'x'.repeat(256), 'a\u0007']) {
        expect((await register({ brokerName })).code).toBe(ResponseCode.SYSTEM_ERROR);
      }
      expect((await register({ brokerName: 'host.example.org' })).code).toBe(ResponseCode.SUCCESS);
    });

    it('answers 1 to a header without a required field and to a body that is none', async () => {
      expect((await ask(RegisterBroker.code, new Map([['brokerName', 'a']]))).code).toBe(
        ResponseCode.SYSTEM_ERROR,
      );
      const fields = RegisterBroker.request.encode(master);
      expect((await ask(RegisterBroker.code, fields, Buffer.from('{nonsense'))).code).toBe(
        ResponseCode.SYSTEM_ERROR,
      );
      expect((await register()).code).toBe(ResponseCode.SUCCESS);
    });
  });

  describe('brokers that leave', () => {
    it('are gone after unregistering', async () => {
      await register();
      await ask(UnregisterBroker.code, UnregisterBroker.request.encode(master));
      expect(await route('TopicA')).toBeUndefined();
      const cluster = ClusterInfo.decode((await ask(RequestCode.GET_BROKER_CLUSTER_INFO)).body);
      expect(cluster).toEqual({ brokerAddrTable: new Map(), clusterAddrTable: new Map() });
    });

    it('case 35: are gone when their connection is', async () => {
      const broker = new RemotingClient();
      await register({}, undefined, version, broker);
      expect(await route('TopicA')).toBeDefined();
      await broker.close();
      for (let i = 0; i < 100 && (await route('TopicA')); i++) await new Promise(setImmediate);
      expect(await route('TopicA')).toBeUndefined();
    });

    it('stay when an older connection of theirs closes', async () => {
      const older = new RemotingClient();
      await register({}, undefined, version, older);
      await register();
      const gone = new Promise((resolve) => client.onDisconnect(resolve));
      await older.close();
      expect(await route('TopicA')).toBeDefined();
      client.disconnect(nameServer.address);
      await gone;
    });

    it('case 35: are gone after 120 s of silence, or after the time they gave', async () => {
      const other = new RemotingClient();
      await register();
      const early = { brokerName: 'broker-b', brokerAddr: '127.0.0.1:1', heartbeatTimeoutMillis: 10_000 };
      await register(early, undefined, version, other);
      const names = (): string[] | undefined =>
        nameServer.routes.route('TopicA')?.brokerDatas.map((b) => b.brokerName);
      expect(names()).toEqual(['broker-a', 'broker-b']);
      clock.advance(15_000);
      expect(names()).toEqual(['broker-a']);
      clock.advance(115_000);
      expect(names()).toBeUndefined();
      await other.close();
    });

    it('stay while they give a sign of life', async () => {
      await register();
      for (let i = 0; i < 3; i++) {
        clock.advance(100_000);
        await ask(BrokerHeartbeat.code, BrokerHeartbeat.request.encode(master));
      }
      expect(nameServer.routes.route('TopicA')).toBeDefined();
      clock.advance(130_000);
      expect(nameServer.routes.route('TopicA')).toBeUndefined();
    });
  });

  describe('routes', () => {
    it('answers 17 naming the topic when nobody holds it', async () => {
      const answer = await ask(GetRouteInfoByTopic.code, new Map([['topic', 'Nowhere']]));
      expect(answer.code).toBe(ResponseCode.TOPIC_NOT_EXIST);
      expect(answer.remark).toContain('No topic route info in name server for the topic: Nowhere');
    });

    it('writes number keys bare for older clients and quoted for those from 4.9.4 on or that ask for it', async () => {
      await register();
      const text = async (peerVersion: number, fields: [string, string][] = []): Promise<string> => {
        const request = RemotingCommand.request(
          GetRouteInfoByTopic.code,
          new Map([['topic', 'TopicA'], ...fields]),
        );
        request.version = peerVersion;
        return (await client.invoke(nameServer.address, request, TIMEOUT)).body.toString();
      };
      expect(await text(399)).toContain('"brokerAddrs":{0:"127.0.0.1:10911"}');
      expect(await text(401)).toContain('"brokerAddrs":{"0":"127.0.0.1:10911"}');
      expect(await text(399, [['acceptStandardJsonOnly', 'true']])).toContain(
        '"brokerAddrs":{"0":"127.0.0.1:10911"}',
      );
      expect(JSON.parse(await text(479))).toHaveProperty('queueDatas.0.brokerName', 'broker-a');
    });

    it('answers the same to the binary serialization as to JSON', async () => {
      await register();
      const request = RemotingCommand.request(GetRouteInfoByTopic.code, new Map([['topic', 'TopicA']]));
      request.serializeType = SerializeType.ROCKETMQ;
      const binary = await client.invoke(nameServer.address, request, TIMEOUT);
      expect(binary.serializeType).toBe(SerializeType.ROCKETMQ);
      const json = await ask(GetRouteInfoByTopic.code, new Map([['topic', 'TopicA']]));
      expect(binary.body).toEqual(json.body);
      expect(json).toMatchObject({
        code: 0,
        language: binary.language,
        version: binary.version,
        remark: undefined,
      });
    });

    it('forgets a kept answer whenever the route changes', async () => {
      await register();
      expect((await route('TopicA'))?.brokerDatas).toHaveLength(1);
      await register({ brokerName: 'broker-b', brokerAddr: '127.0.0.1:1' });
      expect((await route('TopicA'))?.brokerDatas).toHaveLength(2);
      await ask(WipeWritePermOfBroker.code, new Map([['brokerName', 'broker-b']]));
      expect((await route('TopicA'))?.queueDatas.map((queues) => queues.perm)).toEqual([6, 4]);
      await ask(DeleteTopicInNamesrv.code, new Map([['topic', 'TopicA']]));
      expect(await route('TopicA')).toBeUndefined();
    });

    it('gives the order configuration when it is enabled', async () => {
      await nameServer.shutdown();
      await start({ orderMessageEnable: true });
      await register();
      await route('TopicA');
      const order = { namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicA', value: 'broker-a:4' };
      await ask(PutKvConfig.code, PutKvConfig.request.encode(order));
      expect((await route('TopicA'))?.orderTopicConf).toBe('broker-a:4');
      const answer = await register();
      expect(KVTable.decode(answer.body).table).toEqual(new Map([['TopicA', 'broker-a:4']]));
      await ask(DeleteKvConfig.code, DeleteKvConfig.request.encode(order));
      expect(await route('TopicA')).not.toHaveProperty('orderTopicConf');
    });

    it('is not ready for a while when told to wait for the brokers', async () => {
      await nameServer.shutdown();
      await start({ needWaitForService: true });
      await register();
      const ready = async (): Promise<number> =>
        (await ask(GetRouteInfoByTopic.code, new Map([['topic', 'TopicA']]))).code;
      expect(await ready()).toBe(ResponseCode.SYSTEM_ERROR);
      clock.advance(45_000);
      expect(await ready()).toBe(ResponseCode.SUCCESS);
    });

    it('shows the smallest slave as master when the master of an acting-master group is gone', async () => {
      await nameServer.shutdown();
      await start({ supportActingMaster: true });
      const slave = { brokerId: 2, brokerAddr: '127.0.0.1:10921', enableActingMaster: true };
      await register({ enableActingMaster: true });
      await register(slave);
      expect((await route('TopicA'))?.brokerDatas[0]?.brokerAddrs.size).toBe(2);
      await ask(UnregisterBroker.code, UnregisterBroker.request.encode(master));
      const acting = await route('TopicA');
      expect(acting?.brokerDatas[0]?.brokerAddrs).toEqual(new Map([[0, '127.0.0.1:10921']]));
      expect(acting?.queueDatas[0]?.perm).toBe(4);
    });
  });

  describe('administration', () => {
    it('answers 3 to a code it does not know', async () => {
      expect(await ask(9999)).toMatchObject({
        code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
        remark: expect.stringContaining('9999'),
      });
    });

    it('keeps values over a restart', async () => {
      const item = { namespace: 'N', key: 'k', value: 'ä"\n' };
      await ask(PutKvConfig.code, PutKvConfig.request.encode(item));
      expect(readFileSync(join(directory, 'kvConfig.json'), 'utf8')).toContain('"configTable"');
      await nameServer.shutdown();
      await start();
      const got = await ask(GetKvConfig.code, GetKvConfig.request.encode(item));
      expect(got.get('value')).toBe('ä"\n');
      const list = await ask(RequestCode.GET_KVLIST_BY_NAMESPACE, new Map([['namespace', 'N']]));
      expect(KVTable.decode(list.body).table).toEqual(new Map([['k', 'ä"\n']]));
      expect(
        (await ask(GetKvConfig.code, GetKvConfig.request.encode({ namespace: 'N', key: 'x' }))).code,
      ).toBe(22);
      expect((await ask(RequestCode.GET_KVLIST_BY_NAMESPACE, new Map([['namespace', 'M']]))).code).toBe(22);
    });

    it('takes no value that it cannot write', async () => {
      mkdirSync(join(directory, 'kvConfig.json.tmp'));
      const item = { namespace: 'N', key: 'k', value: 'v' };
      const answer = await ask(PutKvConfig.code, PutKvConfig.request.encode(item));
      expect(answer).toMatchObject({
        code: ResponseCode.SYSTEM_ERROR,
        remark: expect.stringContaining('cannot be written'),
      });
      expect((await ask(GetKvConfig.code, GetKvConfig.request.encode(item))).code).toBe(
        ResponseCode.QUERY_NOT_FOUND,
      );
    });

    it('does not start on a kvConfig.json that is none', async () => {
      await nameServer.shutdown();
      writeFileSync(join(directory, 'kvConfig.json'), '{"configTable":');
      await expect(start()).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    });

    it('says whether a broker has to register again', async () => {
      await register();
      const asked = async (counter: number): Promise<RemotingCommand> => {
        const body = DataVersion.encode({ ...version, counter });
        return ask(QueryDataVersion.code, QueryDataVersion.request.encode(master), body);
      };
      expect(QueryDataVersion.response.decode(await asked(1))).toEqual({ changed: false });
      const changed = await asked(2);
      expect(QueryDataVersion.response.decode(changed)).toEqual({ changed: true });
      expect(DataVersion.decode(changed.body)).toEqual(version);
      await ask(UnregisterBroker.code, UnregisterBroker.request.encode(master));
      const unknown = await asked(1);
      expect(QueryDataVersion.response.decode(unknown)).toEqual({ changed: true });
      expect(unknown.body).toHaveLength(0);
    });

    it('case 36: wipes and gives back the write permission until the topics change', async () => {
      await register({}, [topic('TopicA'), topic('TopicB', { perm: 4 })]);
      const broker = new Map([['brokerName', 'broker-a']]);
      const wiped = await ask(WipeWritePermOfBroker.code, broker);
      expect(WipeWritePermOfBroker.response.decode(wiped)).toEqual({ wipeTopicCount: 2 });
      await register({}, [topic('TopicA'), topic('TopicB', { perm: 4 })]);
      expect((await route('TopicA'))?.queueDatas[0]?.perm).toBe(4);
      const added = await ask(AddWritePermOfBroker.code, broker);
      expect(AddWritePermOfBroker.response.decode(added)).toEqual({ addTopicCount: 2 });
      expect((await route('TopicB'))?.queueDatas[0]?.perm).toBe(6);
    });

    it('lists topics: all, of a cluster, of the system, by unit flags', async () => {
      await register({}, [
        topic('Unit', { topicSysFlag: 1 }),
        topic('Sub', { topicSysFlag: 2 }),
        topic('Both', { topicSysFlag: 3 }),
      ]);
      expect(await topicList(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER)).toEqual([
        'Both',
        'Sub',
        'Unit',
      ]);
      const cluster = GetTopicsByCluster.request.encode({ cluster: 'c' });
      expect(await topicList(GetTopicsByCluster.code, cluster)).toEqual(['Both', 'Sub', 'Unit']);
      expect(await topicList(GetTopicsByCluster.code, new Map([['cluster', 'x']]))).toEqual([]);
      expect(await topicList(RequestCode.GET_UNIT_TOPIC_LIST)).toEqual(['Both', 'Unit']);
      expect(await topicList(RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST)).toEqual(['Both', 'Sub']);
      expect(await topicList(RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST)).toEqual(['Sub']);
      const system = TopicList.decode((await ask(RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS)).body);
      expect(system).toEqual({ topicList: ['c', 'broker-a'], brokerAddr: '127.0.0.1:10911' });
    });

    it('refuses lists that are switched off', async () => {
      await nameServer.shutdown();
      await start({ enableAllTopicList: false, enableTopicList: false });
      for (const code of [206, 311, 312, 313]) expect((await ask(code)).code).toBe(ResponseCode.SYSTEM_ERROR);
      expect((await ask(224, new Map([['cluster', 'c']]))).code).toBe(ResponseCode.SYSTEM_ERROR);
    });

    it('gives the members of a broker group', async () => {
      await register();
      const asked = async (brokerName: string): Promise<unknown> => {
        const fields = new Map([
          ['clusterName', 'c'],
          ['brokerName', brokerName],
        ]);
        return GetBrokerMemberGroupResponseBody.decode((await ask(901, fields)).body).brokerMemberGroup;
      };
      const brokerAddrs = new Map([[0, '127.0.0.1:10911']]);
      expect(await asked('broker-a')).toEqual({ cluster: 'c', brokerName: 'broker-a', brokerAddrs });
      expect(await asked('broker-x')).toEqual({
        cluster: 'c',
        brokerName: 'broker-x',
        brokerAddrs: new Map(),
      });
    });

    it('enters single topics of known brokers only, and deletes them by cluster', async () => {
      await register();
      const queues = {
        brokerName: 'broker-a',
        readQueueNums: 1,
        writeQueueNums: 1,
        perm: 6,
        topicSysFlag: 0,
      };
      const enter = (name: string, brokerName: string): Promise<RemotingCommand> => {
        const route217 = {
          queueDatas: [{ ...queues, brokerName }],
          brokerDatas: [],
          filterServerTable: new Map(),
        };
        return ask(RegisterTopicInNamesrv.code, new Map([['topic', name]]), TopicRouteData.encode(route217));
      };
      await enter('Single', 'broker-a');
      await enter('Lost', 'broker-x');
      expect((await route('Single'))?.queueDatas).toEqual([queues]);
      expect(await route('Lost')).toBeUndefined();
      await ask(
        DeleteTopicInNamesrv.code,
        new Map([
          ['topic', 'Single'],
          ['clusterName', 'x'],
        ]),
      );
      expect(await route('Single')).toBeDefined();
      await ask(
        DeleteTopicInNamesrv.code,
        new Map([
          ['topic', 'Single'],
          ['clusterName', 'c'],
        ]),
      );
      expect(await route('Single')).toBeUndefined();
    });

    it('changes the keys that may be changed, and keeps them in its file', async () => {
      writeFileSync(
        join(directory, 'namesrv.properties'),
        '# ours\nenableTopicList=true\nlistenPort = 9876\n',
      );
      const answer = await ask(
        318,
        undefined,
        Buffer.from('enableTopicList=false\norderMessageEnable=true\n'),
      );
      expect(answer.code).toBe(ResponseCode.SUCCESS);
      expect(nameServer.config).toMatchObject({ enableTopicList: false, orderMessageEnable: true });
      expect(readFileSync(join(directory, 'namesrv.properties'), 'utf8')).toBe(
        '# ours\nenableTopicList=false\nlistenPort = 9876\norderMessageEnable=true\n',
      );
      const shown = parseProperties((await ask(319)).body.toString());
      expect(shown.get('orderMessageEnable')).toBe('true');
    });

    it.each([
      'configStorePath=/tmp/x\n',
      'kvConfigPath=/tmp/x\n',
      'rocketmqHome=/tmp/x\n',
      'listenPort=1\n',
      'bindAddress=0.0.0.0\n',
      'configBlackList=\n',
      'no.such.key=1\n',
      'enableTopicList=false\nconfigStorePath=/tmp/x\n',
    ])('refuses %j whole', async (properties) => {
      const before = nameServer.config;
      expect((await ask(318, undefined, Buffer.from(properties))).code).toBe(ResponseCode.NO_PERMISSION);
      expect(nameServer.config).toEqual(before);
    });

    it('changes nothing when a value is wrong', async () => {
      const answer = await ask(
        318,
        undefined,
        Buffer.from('orderMessageEnable=true\nenableTopicList=maybe\n'),
      );
      expect(answer).toMatchObject({
        code: ResponseCode.SYSTEM_ERROR,
        remark: expect.stringContaining('enableTopicList'),
      });
      expect(nameServer.config).toMatchObject({ enableTopicList: true, orderMessageEnable: false });
    });
  });

  describe('start and stop', () => {
    it('says which address is taken', async () => {
      const port = Number(nameServer.address.split(':')[1]);
      const second = new NameServer({ listenPort: port, kvConfigPath: join(directory, 'kv.json') });
      await expect(second.start()).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
        message: expect.stringContaining(nameServer.address),
      });
      await second.shutdown();
    });

    it('refuses an unknown option', () => {
      expect(() => new NameServer({ ['listenPrt' as 'listenPort']: 1 })).toThrow('Did you mean listenPort?');
    });

    it('leaves no timer behind, and may be stopped twice', async () => {
      await register();
      await nameServer.shutdown();
      await nameServer.shutdown();
      expect(clock.pending).toBe(0);
    });
  });
});
