import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeProperties,
  HeartbeatData,
  PullMessage,
  RemotingCommand,
  RequestCode,
  SendMessageV2,
  type ConsumerData,
  type SendMessageRequestHeader,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { Broker, type BrokerConfig, type BrokerParts } from '../src/index.ts';

/** Small files, so that a test's store costs nothing, and patience where the machine stands still for a moment. */
const SMALL: Partial<BrokerConfig> = {
  waitTimeMillsInSendQueue: 10_000,
  brokerName: 'broker-a',
  brokerClusterName: 'DefaultCluster',
  listenPort: 0,
  mappedFileSizeCommitLog: 16 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 20 * 1000,
  maxHashSlotNum: 100,
  maxIndexNum: 400,
};

/** A broker in a temporary directory, and a client that speaks to it. */
export class TestBroker {
  readonly broker: Broker;
  readonly client = new RemotingClient();
  readonly directory: string;

  private constructor(broker: Broker, directory: string) {
    this.broker = broker;
    this.directory = directory;
  }

  static async start(
    config: Partial<BrokerConfig> = {},
    parts: BrokerParts = {},
    directory = mkdtempSync(join(tmpdir(), 'broker-')),
  ): Promise<TestBroker> {
    const broker = new Broker({ ...SMALL, storePathRootDir: join(directory, 'store'), ...config }, parts);
    const started = new TestBroker(broker, directory);
    await broker.start();
    return started;
  }

  get address(): string {
    return this.broker.address;
  }

  /** Sends a request and gives its answer, whatever its code. */
  async ask(code: number, fields: Record<string, string> = {}, body?: Buffer): Promise<RemotingCommand> {
    return this.client.invoke(
      this.address,
      RemotingCommand.request(code, new Map(Object.entries(fields)), body),
      5000,
    );
  }

  send(topic: string, body: string | Uint8Array, options: SendOptions = {}): Promise<RemotingCommand> {
    const { code = RequestCode.SEND_MESSAGE_V2, properties = {}, ...header } = options;
    const fields = SendMessageV2.request.encode({
      ...sendHeader(topic),
      properties: encodeProperties(new Map(Object.entries(properties))).toString(),
      ...header,
    });
    return this.client.invoke(
      this.address,
      RemotingCommand.request(code, fields, typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)),
      5000,
    );
  }

  pull(
    group: string,
    topic: string,
    queueId: number,
    queueOffset: number,
    options: PullOptions = {},
  ): Promise<RemotingCommand> {
    const fields = PullMessage.request.encode({
      consumerGroup: group,
      topic,
      queueId,
      queueOffset,
      maxMsgNums: 32,
      sysFlag: 4,
      commitOffset: 0,
      suspendTimeoutMillis: 15_000,
      subscription: '*',
      subVersion: 0,
      ...options,
    });
    return this.client.invoke(
      this.address,
      RemotingCommand.request(RequestCode.PULL_MESSAGE, fields),
      20_000,
    );
  }

  heartBeat(
    clientID: string,
    consumers: Partial<ConsumerData>[],
    client = this.client,
  ): Promise<RemotingCommand> {
    const body = HeartbeatData.encode({
      clientID,
      producerDataSet: [{ groupName: 'PG' }],
      consumerDataSet: consumers.map((consumer) => ({ ...CONSUMER, ...consumer })),
      heartbeatFingerprint: 0,
      withoutSub: false,
    });
    const request = RemotingCommand.request(RequestCode.HEART_BEAT, new Map(), body);
    return client.invoke(this.address, request, 5000);
  }

  /** Stops client and broker; the directory stays for the next one. */
  async stop(): Promise<void> {
    await this.client.close();
    await this.broker.shutdown();
  }

  /** As {@link stop}, and removes the directory. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export type SendOptions = Partial<SendMessageRequestHeader> & {
  code?: number;
  properties?: never;
} extends infer T
  ? Omit<T, 'properties'> & { properties?: Record<string, string> }
  : never;
export type PullOptions = Partial<Parameters<typeof PullMessage.request.encode>[0]>;

const CONSUMER: ConsumerData = {
  groupName: 'CG',
  consumeType: 'CONSUME_PASSIVELY',
  messageModel: 'CLUSTERING',
  consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
  subscriptionDataSet: [],
  unitMode: false,
};

/** A subscription by tags; none: everything. */
export function subscription(topic: string, subVersion = 1, codeSet: number[] = []): SubscriptionData {
  return {
    topic,
    subString: codeSet.length === 0 ? '*' : 'tags',
    tagsSet: [],
    codeSet,
    subVersion,
    expressionType: 'TAG',
    classFilterMode: false,
  };
}

function sendHeader(topic: string): SendMessageRequestHeader {
  return {
    producerGroup: 'PG',
    topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 0,
    sysFlag: 0,
    bornTimestamp: 1_700_000_000_000,
    flag: 0,
  };
}
