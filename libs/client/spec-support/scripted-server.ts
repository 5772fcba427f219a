import {
  encodeRecord,
  encodeProperties,
  encodeHost,
  RemotingCommand,
  ResponseCode,
  TopicRouteData,
  type TopicRouteData as Route,
} from '@nest-rocketmq/protocol';
import { RemotingServer, type Connection } from '@nest-rocketmq/remoting';

type Answer = RemotingCommand | undefined | Promise<RemotingCommand | undefined>;
export type Script = (request: RemotingCommand, connection: Connection) => Answer;

/** A server that answers as a spec says and keeps what it was asked. */
export class ScriptedServer {
  readonly requests: RemotingCommand[] = [];
  readonly connections = new Set<Connection>();
  readonly #server: RemotingServer;
  readonly #scripts = new Map<number, Script>();
  address = '';

  constructor(port = 0) {
    this.#server = new RemotingServer({ host: '127.0.0.1', port });
    this.#server.onConnect((connection) => this.connections.add(connection));
    this.#server.onDisconnect((connection) => this.connections.delete(connection));
    this.#server.registerDefault((request, connection) => {
      this.requests.push(request);
      const script = this.#scripts.get(request.code);
      return script ? script(request, connection) : RemotingCommand.response(request, ResponseCode.SUCCESS);
    });
  }

  /** Says how a request code is answered; what isn't said is answered with success and nothing. */
  on(code: number, script: Script): this {
    this.#scripts.set(code, script);
    return this;
  }

  async listen(): Promise<this> {
    const { port } = await this.#server.listen();
    this.address = `127.0.0.1:${port}`;
    return this;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** The requests of a code. */
  of(code: number): RemotingCommand[] {
    return this.requests.filter((request) => request.code === code);
  }
}

/** Success with fields. */
export function ok(
  request: RemotingCommand,
  fields: Record<string, string> = {},
  body?: Buffer,
): RemotingCommand {
  return RemotingCommand.response(
    request,
    ResponseCode.SUCCESS,
    undefined,
    new Map(Object.entries(fields)),
    body,
  );
}

/** A response code with a remark. */
export function refused(request: RemotingCommand, code: number, remark: string): RemotingCommand {
  return RemotingCommand.response(request, code, remark);
}

/** A route with one master for each broker. */
export function routeOf(brokers: Record<string, string>, queues = 4, perm = 6): Route {
  return {
    queueDatas: Object.keys(brokers).map((brokerName) => ({
      brokerName,
      readQueueNums: queues,
      writeQueueNums: queues,
      perm,
      topicSysFlag: 0,
    })),
    brokerDatas: Object.entries(brokers).map(([brokerName, address]) => ({
      cluster: 'c',
      brokerName,
      brokerAddrs: new Map([[0, address]]),
    })),
    filterServerTable: new Map(),
  };
}

/** A NameServer that knows these topics. */
export async function scriptedNameServer(routes: Map<string, Route>): Promise<ScriptedServer> {
  const server = new ScriptedServer();
  server.on(105, (request) => {
    const route = routes.get(request.get('topic') ?? '');
    if (!route) return refused(request, ResponseCode.TOPIC_NOT_EXIST, 'No topic route info');
    return ok(request, {}, TopicRouteData.encode(route, { standardJson: true }));
  });
  return server.listen();
}

/** A broker that stores nothing and answers sends as if it had. */
export async function scriptedBroker(): Promise<ScriptedServer> {
  const server = new ScriptedServer();
  let offset = 0;
  const store: Script = (request) =>
    request.isOneway
      ? undefined
      : ok(request, {
          msgId: '7F00000100002A9F0000000000000000',
          queueId: request.get('e') ?? '',
          queueOffset: String(offset++),
          MSG_REGION: 'DefaultRegion',
          TRACE_ON: 'true',
        });
  return server.on(310, store).on(320, store).listen();
}

/** A record as a pull brings it. */
export function recordOf(
  topic: string,
  queueOffset: number,
  properties: Record<string, string> = {},
  body = `m${queueOffset}`,
): Buffer {
  return encodeRecord({
    topic,
    queueId: 0,
    flag: 0,
    queueOffset,
    physicalOffset: queueOffset * 1000,
    sysFlag: 0,
    bornTimestamp: 1,
    bornHost: encodeHost('127.0.0.1', 1),
    storeTimestamp: 2,
    storeHost: encodeHost('127.0.0.1', 10911),
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from(body),
    properties: encodeProperties(new Map(Object.entries(properties))),
  });
}
