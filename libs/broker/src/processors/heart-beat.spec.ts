import { HeartbeatData, RemotingCommand, RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { RemotingClient, RemotingServer } from '@nest-rocketmq/remoting';
import { ManualClock } from '@nest-rocketmq/runtime';
import { subscription, TestBroker } from '../../test/test-broker.ts';

/** A client of its own connection that counts how often its group changed. */
class Member {
  readonly client = new RemotingClient();
  changes = 0;
  readonly #broker: TestBroker;
  readonly #id: string;
  #changed: (() => void) | undefined;

  constructor(broker: TestBroker, id: string) {
    this.#broker = broker;
    this.#id = id;
    this.client.register(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, () => {
      this.changes++;
      this.#changed?.();
      return undefined;
    });
  }

  beat(topics: string[], messageModel = 'CLUSTERING'): Promise<RemotingCommand> {
    const subscriptionDataSet = topics.map((topic) => subscription(topic));
    return this.#broker.heartBeat(
      this.#id,
      [{ groupName: 'CG', messageModel, subscriptionDataSet }],
      this.client,
    );
  }

  /** Resolves at the next notification. */
  changed(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve));
  }

  async ask(code: number, fields: Record<string, string>): Promise<RemotingCommand> {
    return this.client.invoke(
      this.#broker.address,
      RemotingCommand.request(code, new Map(Object.entries(fields))),
      5000,
    );
  }
}

describe('a heartbeat', () => {
  let broker: TestBroker;
  let clock: ManualClock;
  let members: Member[];

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    broker = await TestBroker.start({}, { clock });
    members = [new Member(broker, 'c1'), new Member(broker, 'c2')];
  });

  afterEach(async () => {
    await Promise.all(members.map((member) => member.client.close()));
    await broker.remove();
  });

  async function memberIds(): Promise<unknown> {
    const answer = await broker.ask(RequestCode.GET_CONSUMER_LIST_BY_GROUP, { consumerGroup: 'CG' });
    return answer.code === 0
      ? (JSON.parse(answer.body.toString()) as { consumerIdList: string[] }).consumerIdList.sort((a, b) =>
          a.localeCompare(b),
        )
      : answer.code;
  }

  it('makes its sender a member of the group and creates its retry topic', async () => {
    const answer = await members[0]?.beat(['T']);
    expect(answer?.code).toBe(ResponseCode.SUCCESS);
    expect(Object.fromEntries(answer?.extFields ?? [])).toEqual({
      IS_SUPPORT_HEART_BEAT_V2: 'true',
      IS_SUB_CHANGE: 'true',
    });
    expect(await memberIds()).toEqual(['c1']);
    expect((await broker.ask(RequestCode.GET_TOPIC_CONFIG, { topic: '%RETRY%CG' })).code).toBe(
      ResponseCode.SUCCESS,
    );
    expect((await broker.ask(RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, { group: 'CG' })).code).toBe(
      ResponseCode.SUCCESS,
    );
  });

  it('is answered when the NameServers know the retry topic, or have been waited for', async () => {
    const done: string[] = [];
    let release = (): void => {};
    let held: Promise<void> | undefined;
    const nameServer = new RemotingServer({ host: '127.0.0.1', port: 0 });
    nameServer.registerDefault(async (request) => {
      const retryTopicIsNew = request.body.includes('%RETRY%CG') && !done.includes('registered');
      if (retryTopicIsNew) {
        await held;
        done.push('registered');
      }
      return RemotingCommand.response(request, ResponseCode.SUCCESS);
    });
    const { host, port } = await nameServer.listen();
    const config = { namesrvAddr: `${host}:${port}`, compressedRegister: false };
    const other = await TestBroker.start(config, { clock });
    const member = new Member(other, 'c1');
    held = new Promise((resolve) => (release = resolve));
    const first = member.beat(['T']).then(() => done.push('answered'));
    // Answered after the heartbeat was read: no answer is on its way by now.
    await member.ask(RequestCode.GET_MAX_OFFSET, { topic: 'TBW102', queueId: '0' });
    expect(done).toEqual([]);
    release();
    await first;
    expect(done).toEqual(['registered', 'answered']);
    done.length = 0;
    held = new Promise((resolve) => (release = resolve));
    const second = other.heartBeat('c1', [{ groupName: 'CG2' }], member.client);
    await member.ask(RequestCode.GET_MAX_OFFSET, { topic: 'TBW102', queueId: '0' });
    clock.advance(1000);
    expect((await second).code).toBe(ResponseCode.SUCCESS);
    expect(done).toEqual([]);
    release();
    await member.client.close();
    await other.remove();
    await nameServer.close();
  });

  it('tells all members when one joins, changes its topics or leaves', async () => {
    const [first, second] = members as [Member, Member];
    await first.beat(['T']);
    expect(first.changes).toBe(1);
    const joined = first.changed();
    await second.beat(['T']);
    await joined;
    expect([first.changes, second.changes]).toEqual([2, 1]);

    await second.beat(['T']);
    expect(second.changes).toBe(1);
    const changed = first.changed();
    await second.beat(['T', 'U']);
    await changed;

    const left = first.changed();
    await second.ask(RequestCode.UNREGISTER_CLIENT, { clientID: 'c2', consumerGroup: 'CG' });
    await left;
    expect(await memberIds()).toEqual(['c1']);
  });

  it('tells nobody of a group that broadcasts', async () => {
    await members[0]?.beat(['T'], 'BROADCASTING');
    await members[1]?.beat(['T'], 'BROADCASTING');
    await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
    expect(members.map((member) => member.changes)).toEqual([0, 0]);
  });

  it('is forgotten when its connection closes', async () => {
    const [first, second] = members as [Member, Member];
    await first.beat(['T']);
    const joined = first.changed();
    await second.beat(['T']);
    await joined;
    const left = first.changed();
    await second.client.close();
    await left;
    expect(await memberIds()).toEqual(['c1']);
  });

  it('is forgotten after two minutes without another, and its connection closed', async () => {
    const [first, second] = members as [Member, Member];
    await first.beat(['T']);
    await second.beat(['T']);
    const gone = new Promise<void>((resolve) => second.client.onDisconnect(() => resolve()));
    for (let minute = 0; minute < 3; minute++) {
      await clock.advanceAsync(50_000, 10_000);
      await first.beat(['T']);
    }
    await gone;
    expect(await memberIds()).toEqual(['c1']);
  });

  it('may be light once the broker knows its fingerprint', async () => {
    const [first, second] = members as [Member, Member];
    const beat = async (member: Member, fingerprint: number, light = false): Promise<string | undefined> => {
      const consumer = {
        groupName: 'CG',
        consumeType: 'CONSUME_PASSIVELY',
        messageModel: 'CLUSTERING',
        consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
        unitMode: false,
      };
      const body = HeartbeatData.encode({
        clientID: member === first ? 'c1' : 'c2',
        producerDataSet: [],
        consumerDataSet: [{ ...consumer, subscriptionDataSet: light ? [] : [subscription('T')] }],
        heartbeatFingerprint: fingerprint,
        withoutSub: light,
      });
      const answer = await member.client.invoke(
        broker.address,
        RemotingCommand.request(RequestCode.HEART_BEAT, new Map(), body),
        5000,
      );
      return answer.extFields.get('IS_SUB_CHANGE');
    };
    expect(await beat(first, 42)).toBe('false');
    expect(await beat(first, 42, true)).toBe('false');
    expect(await beat(second, 43)).toBe('true');
    await broker.send('T', 'x');
    expect((await broker.pull('CG', 'T', 0, 0, { sysFlag: 0, subscription: undefined })).code).toBe(
      ResponseCode.SUCCESS,
    );
  });

  it('with an illegal group name is taken, and the name is not', async () => {
    const answer = await broker.heartBeat('c1', [{ groupName: '../../x' }, { groupName: 'Good' }]);
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    const groups = (await broker.ask(RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG)).body.toString();
    expect(groups).toContain('"Good"');
    expect(groups).not.toContain('../');
  });

  it('of nonsense is refused', async () => {
    expect((await broker.ask(RequestCode.HEART_BEAT, {}, Buffer.from('{"clientID":'))).code).toBe(
      ResponseCode.SYSTEM_ERROR,
    );
    expect((await broker.ask(RequestCode.HEART_BEAT, {}, Buffer.from('{}'))).code).toBe(
      ResponseCode.INVALID_PARAMETER,
    );
  });

  it('shows in the connection lists', async () => {
    await members[0]?.beat(['T']);
    const consumers = await broker.ask(RequestCode.GET_CONSUMER_CONNECTION_LIST, { consumerGroup: 'CG' });
    expect(JSON.parse(consumers.body.toString())).toMatchObject({
      connectionSet: [{ clientId: 'c1', language: 'OTHER' }],
      subscriptionTable: { T: { subString: '*' } },
      messageModel: 'CLUSTERING',
    });
    const producers = await broker.ask(RequestCode.GET_PRODUCER_CONNECTION_LIST, { producerGroup: 'PG' });
    expect(JSON.parse(producers.body.toString())).toMatchObject({ connectionSet: [{ clientId: 'c1' }] });
    expect((await broker.ask(RequestCode.GET_CONSUMER_CONNECTION_LIST, { consumerGroup: 'X' })).code).toBe(
      ResponseCode.CONSUMER_NOT_ONLINE,
    );
    expect((await broker.ask(RequestCode.GET_PRODUCER_CONNECTION_LIST, { producerGroup: 'X' })).code).toBe(
      ResponseCode.SYSTEM_ERROR,
    );
    expect(await memberIds()).toEqual(['c1']);
    expect(
      (await broker.ask(RequestCode.GET_CONSUMER_LIST_BY_GROUP, { consumerGroup: 'X' })).remark,
    ).toContain('no consumer for this group');
  });
});
