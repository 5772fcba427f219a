import {
  GetConsumerListByGroupResponseBody,
  HeartbeatData,
  RemotingCommand,
  ResponseCode,
  type TopicRouteData,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import { ok, recordOf, refused, routeOf, scriptedNameServer, ScriptedServer } from './scripted-server.ts';

interface HeldPull {
  request: RemotingCommand;
  connection: Connection;
}

/**
 * A NameServer and a broker with one queue of the topic `T`: it answers pulls from a list of records, holds those that
 * find nothing, and knows who sent heartbeats.
 */
export class QueueBroker {
  readonly server = new ScriptedServer();
  readonly routes = new Map<string, TopicRouteData>();
  readonly members = new Set<string>();
  readonly records: Buffer[] = [];
  /** What 14 answers; undefined: not found. */
  stored: number | undefined = 0;
  /** Answers a pull instead of the queue, when it returns something. */
  onPull: ((request: RemotingCommand) => RemotingCommand | undefined) | undefined;
  suggestWhichBrokerId = 0;
  nameServer: ScriptedServer | undefined;
  #held: HeldPull[] = [];

  static async start(): Promise<QueueBroker> {
    const broker = new QueueBroker();
    const { server } = broker;
    server.on(34, (request, connection) => {
      const { clientID } = HeartbeatData.decode(request.body);
      broker.members.add(clientID);
      connection.onClose(() => broker.members.delete(clientID));
      return ok(request);
    });
    server.on(38, (request) =>
      ok(request, {}, GetConsumerListByGroupResponseBody.encode({ consumerIdList: [...broker.members] })),
    );
    server.on(14, (request) =>
      broker.stored === undefined
        ? refused(request, ResponseCode.QUERY_NOT_FOUND, 'not found')
        : ok(request, { offset: String(broker.stored) }),
    );
    server.on(30, (request) => ok(request, { offset: '100' }));
    server.on(29, (request) => ok(request, { offset: '50' }));
    server.on(310, (request) => ok(request, { msgId: 'x', queueId: '0', queueOffset: '0' }));
    server.on(11, (request, connection) => broker.#pull({ request, connection }));
    await server.listen();
    broker.routes.set('T', routeOf({ b: server.address }, 1));
    broker.routes.set('%RETRY%g', routeOf({ b: server.address }, 1));
    broker.nameServer = await scriptedNameServer(broker.routes);
    return broker;
  }

  get address(): string {
    return this.server.address;
  }

  /** Puts messages into the queue and wakes the pulls that wait. */
  append(...properties: Record<string, string>[]): void {
    for (const one of properties) this.records.push(recordOf('T', this.records.length, one));
    const held = this.#held;
    this.#held = [];
    for (const pull of held) {
      const answer = this.#pull(pull);
      if (answer) pull.connection.respond(answer);
    }
  }

  /** The pulls of the topic `T`. */
  get pulls(): RemotingCommand[] {
    return this.server.of(11).filter((request) => request.get('topic') === 'T');
  }

  /** A connection of the client, to send requests to it. */
  get connection(): Connection {
    const [connection] = this.server.connections;
    if (!connection) throw new Error('No client is connected');
    return connection;
  }

  async close(): Promise<void> {
    await Promise.all([this.server.close(), this.nameServer?.close()]);
  }

  #pull(pull: HeldPull): RemotingCommand | undefined {
    const { request } = pull;
    if (request.get('topic') !== 'T') return undefined;
    const instead = this.onPull?.(request);
    if (instead) return instead;
    const from = Number(request.get('queueOffset'));
    const found = this.records.slice(from, from + Number(request.get('maxMsgNums')));
    if (found.length === 0) {
      this.#held.push(pull);
      return undefined;
    }
    return ok(request, this.pullFields(from + found.length), Buffer.concat(found));
  }

  pullFields(nextBeginOffset: number): Record<string, string> {
    return {
      suggestWhichBrokerId: String(this.suggestWhichBrokerId),
      nextBeginOffset: String(nextBeginOffset),
      minOffset: '0',
      maxOffset: String(this.records.length),
    };
  }
}

/** Lets what is under way over sockets happen until `condition` holds; `clock` is advanced a little each time. */
export async function settles(condition: () => boolean, advance?: () => void): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (condition()) return;
    advance?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`It never came true: ${condition.toString()}`);
}
