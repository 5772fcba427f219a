import {
  GetRouteInfoByTopic,
  MixAll,
  ResponseCode,
  TopicRouteData,
  type RemotingCommand,
} from '@nest-rocketmq/protocol';
import { RocketMQError, type Clock, type Logger } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import { brokerError, requestOf } from './call.ts';
import type { NameServerAccess } from './name-server-access.ts';
import { provisionalRoute, TopicRoute } from './topic-route.ts';

/** How a topic that doesn't exist yet will be created. */
export interface TopicTemplate {
  /** The topic it is created from. */
  createTopicKey: string;
  /** The queues it shall have. */
  queueNums: number;
}

export interface RouteTableParts {
  nameServers: NameServerAccess;
  clock: Clock;
  logger: Logger;
  /** Time-out of a question to the NameServer, in milliseconds. */
  timeoutMs: number;
  /** Called after the route of a topic came or changed. */
  onChange: (topic: string) => void;
  /** Called with an address that no route names any more. */
  onAddressGone: (address: string) => void;
}

/** The routes of the topics this client uses, and the addresses of the brokers they name (`MQClientInstance`). */
export class RouteTable {
  readonly #parts: RouteTableParts;
  /** Of every topic that was asked for; undefined while none is known. */
  readonly #routes = new Map<string, TopicRoute | undefined>();
  readonly #templates = new Map<string, TopicTemplate>();
  readonly #refreshing = new Map<string, Promise<TopicRoute | undefined>>();
  #brokers = new Map<string, ReadonlyMap<number, string>>();

  constructor(parts: RouteTableParts) {
    this.#parts = parts;
  }

  /** The route that is known now; it is undefined before the first answer. */
  get(topic: string): TopicRoute | undefined {
    return this.#routes.get(topic);
  }

  /** The address of a broker: its master's, or that of the given id. */
  brokerAddress(brokerName: string, brokerId: number = MixAll.MASTER_ID): string | undefined {
    return this.#brokers.get(brokerName)?.get(brokerId);
  }

  /** The address of a broker, any of its addresses when the wanted id has none (`findBrokerAddressInSubscribe`). */
  anyBrokerAddress(brokerName: string, brokerId: number): { address: string; brokerId: number } | undefined {
    const addresses = this.#brokers.get(brokerName);
    const wanted = addresses?.get(brokerId);
    if (wanted !== undefined) return { address: wanted, brokerId };
    const [other] = addresses ?? [];
    return other && { address: other[1], brokerId: other[0] };
  }

  /** All addresses the known routes name. */
  brokers(): ReadonlyMap<string, ReadonlyMap<number, string>> {
    return this.#brokers;
  }

  /** Keeps the route of a topic up to date from now on. */
  watch(topic: string, template?: TopicTemplate): void {
    if (!this.#routes.has(topic)) this.#routes.set(topic, undefined);
    if (template) this.#templates.set(topic, template);
  }

  /**
   * The route to send to a topic by.
   * @throws RocketMQError `NO_ROUTE` when no NameServer knows the topic, nor the one it could be created from
   */
  async publishRoute(topic: string, template: TopicTemplate): Promise<TopicRoute> {
    const known = this.#routes.get(topic);
    if (known && known.publishQueues.length > 0) return known;
    this.watch(topic, template);
    const route = await this.refresh(topic);
    if (!route) throw this.noRoute(topic);
    if (route.publishQueues.length === 0) {
      throw new RocketMQError(
        'NO_BROKER',
        `The topic ${topic} has no queue that can be written to (nameServer ${this.#parts.nameServers.text}): ` +
          "its brokers have no master now, or the topic's permission is read only",
        { responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION },
      );
    }
    return route;
  }

  noRoute(topic: string): RocketMQError {
    return new RocketMQError(
      'NO_ROUTE',
      `No route info of this topic: ${topic} (nameServer ${this.#parts.nameServers.text}). ` +
        'Create it with mqadmin updateTopic, or turn on autoCreateTopicEnable',
      { responseCode: ClientErrorCode.NOT_FOUND_TOPIC_EXCEPTION },
    );
  }

  /**
   * Asks for the route of a topic; calls at the same time share one question. A route that is known is kept when the
   * NameServer doesn't know the topic: its brokers may be on their way back.
   */
  refresh(topic: string): Promise<TopicRoute | undefined> {
    const pending = this.#refreshing.get(topic);
    if (pending) return pending;
    const refresh = this.#fetch(topic).finally(() => this.#refreshing.delete(topic));
    this.#refreshing.set(topic, refresh);
    return refresh;
  }

  /** Asks for the routes of all topics in use. What fails is tried again the next time. */
  async refreshAll(): Promise<void> {
    for (const topic of this.#routes.keys()) {
      try {
        await this.refresh(topic);
      } catch (error) {
        this.#parts.logger.warn(
          `The route of the topic ${topic} could not be refreshed, it stays as it is`,
          error,
        );
      }
    }
  }

  /** Forgets the addresses that no route names any more. */
  cleanOfflineBrokers(): void {
    const before = addressesOf(this.#brokers);
    this.#brokers = new Map();
    for (const route of this.#routes.values()) if (route) this.#learnBrokers(route);
    for (const address of addressesOf(this.#brokers)) before.delete(address);
    for (const address of before) this.#parts.onAddressGone(address);
  }

  async #fetch(topic: string): Promise<TopicRoute | undefined> {
    const data = await this.query(topic);
    // Of a sender that came meanwhile, too.
    const template = this.#templates.get(topic);
    let route = data && new TopicRoute(topic, data);
    if (!route && template && (this.#routes.get(topic)?.provisional ?? true)) {
      const model = await this.query(template.createTopicKey);
      route = model && provisionalRoute(topic, model, template.queueNums);
    }
    const known = this.#routes.get(topic);
    if (!route || route.equals(known)) return known;
    this.#routes.set(topic, route);
    this.#learnBrokers(route);
    this.#parts.onChange(topic);
    return route;
  }

  /** What the NameServer says of a topic; undefined when it doesn't know it. */
  async query(topic: string, timeoutMs = this.#parts.timeoutMs): Promise<TopicRouteData | undefined> {
    const request = (): RemotingCommand =>
      requestOf(GetRouteInfoByTopic, { topic, acceptStandardJsonOnly: true });
    const { response, address } = await this.#parts.nameServers.invoke(request, timeoutMs);
    if (response.code === ResponseCode.TOPIC_NOT_EXIST) return undefined;
    if (response.code !== ResponseCode.SUCCESS) throw brokerError(GetRouteInfoByTopic, response, address);
    return TopicRouteData.decode(response.body);
  }

  #learnBrokers(route: TopicRoute): void {
    for (const { brokerName, brokerAddrs } of route.data.brokerDatas)
      this.#brokers.set(brokerName, brokerAddrs);
  }
}

function addressesOf(brokers: ReadonlyMap<string, ReadonlyMap<number, string>>): Set<string> {
  return new Set([...brokers.values()].flatMap((addresses) => [...addresses.values()]));
}
