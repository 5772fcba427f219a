import { PermName, type QueueData, type TopicConfig } from '@nest-rocketmq/protocol';

const UNIT = 1;
const UNIT_SUB = 2;

/** Which brokers hold how many queues of a topic (RouteInfoManager's topicQueueTable). */
export class TopicQueueTable {
  readonly #topics = new Map<string, Map<string, QueueData>>();
  readonly #onChange: (topic: string) => void;

  /** @param onChange called for every topic whose queues changed, after the change */
  constructor(onChange: (topic: string) => void) {
    this.#onChange = onChange;
  }

  get(topic: string): ReadonlyMap<string, QueueData> | undefined {
    return this.#topics.get(topic);
  }

  has(topic: string, brokerName: string): boolean {
    return this.#topics.get(topic)?.has(brokerName) === true;
  }

  get names(): Iterable<string> {
    return this.#topics.keys();
  }

  /** Takes over what a broker says of one of its topics. */
  update(brokerName: string, config: TopicConfig): void {
    const { readQueueNums, writeQueueNums, perm, topicSysFlag } = config;
    this.put(config.topicName, { brokerName, readQueueNums, writeQueueNums, perm, topicSysFlag });
  }

  /** Enters the queues of one broker. @returns whether anything is different now */
  put(topic: string, queues: QueueData): boolean {
    let brokers = this.#topics.get(topic);
    if (!brokers) this.#topics.set(topic, (brokers = new Map()));
    const known = brokers.get(queues.brokerName);
    if (known && sameQueues(known, queues)) return false;
    brokers.set(queues.brokerName, queues);
    this.#onChange(topic);
    return true;
  }

  /** Removes a topic, or the part of it that the given brokers hold. */
  delete(topic: string, brokerNames?: Iterable<string>): void {
    const brokers = this.#topics.get(topic);
    if (!brokers) return;
    if (brokerNames) for (const name of brokerNames) brokers.delete(name);
    else brokers.clear();
    if (brokers.size === 0) this.#topics.delete(topic);
    this.#onChange(topic);
  }

  /** Removes a broker that is gone from all topics. */
  deleteBroker(brokerName: string): void {
    for (const topic of this.topicsOf(brokerName)) this.delete(topic, [brokerName]);
  }

  /** The topics of which a broker holds queues. */
  topicsOf(brokerName: string): string[] {
    return [...this.#topics].filter(([, brokers]) => brokers.has(brokerName)).map(([topic]) => topic);
  }

  /** Changes the permission of every topic of a broker. @returns the number of its topics */
  changePerm(brokerName: string, change: (perm: number) => number): number {
    const topics = this.topicsOf(brokerName);
    for (const topic of topics) {
      const brokers = this.#topics.get(topic);
      const queues = brokers?.get(brokerName);
      if (!brokers || !queues) continue;
      brokers.set(brokerName, { ...queues, perm: change(queues.perm) });
      this.#onChange(topic);
    }
    return topics.length;
  }

  /** The topics with the unit flags asked for: those of their first broker count, as in Java. */
  unitTopics(kind: 'unit' | 'unitSub' | 'unitSubNotUnit'): string[] {
    return [...this.#topics]
      .filter(([, brokers]) => {
        const sysFlag = [...brokers.values()][0]?.topicSysFlag ?? 0;
        if (kind === 'unit') return (sysFlag & UNIT) !== 0;
        return (sysFlag & UNIT_SUB) !== 0 && (kind === 'unitSub' || (sysFlag & UNIT) === 0);
      })
      .map(([topic]) => topic);
  }
}

/** A permission without the right to write. */
export function withoutWrite(perm: number): number {
  return perm & ~PermName.WRITE;
}

function sameQueues(a: QueueData, b: QueueData): boolean {
  return (
    a.readQueueNums === b.readQueueNums &&
    a.writeQueueNums === b.writeQueueNums &&
    a.perm === b.perm &&
    a.topicSysFlag === b.topicSysFlag
  );
}
