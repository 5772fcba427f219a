import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';
import { popRetryTopicV1, popRetryTopicV2 } from '@nest-rocketmq/protocol';
import type { Connection, Tick } from '@nest-rocketmq/remoting';
import type { MessageStore } from '@nest-rocketmq/store';

/** A pop, or a question whether there is something to pop, that waits for messages. */
export interface HeldPop {
  readonly connection: Connection;
  readonly topic: string;
  readonly group: string;
  /** -1: any queue. */
  readonly queueId: number;
  /** Milliseconds by the broker's clock: when it is answered at the latest. */
  readonly deadline: number;
  /** By the tags code of the message that came; undefined: every message wakes it. */
  readonly matches: ((tagsCode: number) => boolean) | undefined;
  /** Asks again. What it finds, or that it waits on, is its own matter. */
  readonly run: () => void;
}

/** What became of a request that would wait (PollingResult). */
export type HoldResult = 'HELD' | 'FULL' | 'TIMEOUT' | 'NOT_POLLING';

const SCAN_MS = 50;
/** A request this close to its end is answered now, so that the answer comes in time. */
const EARLY_MS = 50;
const ANY_QUEUE = -1;

/** Those of one topic and one group, by queue, in the order they came. */
type GroupPops = Map<number, HeldPop[]>;

/**
 * Pops that found nothing and wait (PopLongPollingService). A message wakes one of its queue and one of those that take
 * any queue, in the tick it arrives in; each that finds more than it takes wakes the next. A message of a group's retry
 * topic wakes those of the topic itself.
 */
export class HeldPops {
  readonly #store: MessageStore;
  readonly #tick: Tick;
  readonly #clock: Clock;
  readonly #limits: { perQueue: number; total: number };
  readonly #topics = new Map<string, Map<string, GroupPops>>();
  /** Retry topics of the groups that wait, to the topic and group that they belong to. */
  readonly #retryTopics = new Map<string, { topic: string; group: string }>();
  readonly #ripe = new Set<HeldPop>();
  #scan: Scheduled | undefined;
  #size = 0;
  #listening = false;
  #closed = false;

  /** @param limits how many may wait at one queue, and in all */
  constructor(store: MessageStore, tick: Tick, clock: Clock, limits: { perQueue: number; total: number }) {
    this.#tick = tick;
    this.#clock = clock;
    this.#limits = limits;
    this.#store = store;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** How many wait at a queue. */
  count(topic: string, group: string, queueId: number): number {
    return this.#topics.get(topic)?.get(group)?.get(queueId)?.length ?? 0;
  }

  /** Holds a request until its deadline. */
  hold(pop: HeldPop, pollTime: number): HoldResult {
    if (pollTime <= 0 || this.#closed) return 'NOT_POLLING';
    if (this.#size >= this.#limits.total) return 'FULL';
    if (this.#clock.now() > pop.deadline - EARLY_MS) return 'TIMEOUT';
    this.#listen();
    const queues = this.#queuesOf(pop.topic, pop.group);
    let pops = queues.get(pop.queueId);
    if (!pops) queues.set(pop.queueId, (pops = []));
    if (pops.length > this.#limits.perQueue) return 'FULL';
    pops.push(pop);
    this.#size++;
    this.#scan ??= scheduleEvery(this.#clock, SCAN_MS, SCAN_MS, () => this.scan());
    return 'HELD';
  }

  /** Has one that waits at a queue ask again at the end of the tick. @returns whether there is one */
  wakeOne(topic: string, group: string, queueId: number): boolean {
    const pops = this.#topics.get(topic)?.get(group)?.get(queueId);
    const pop = pops?.find((candidate) => !candidate.connection.closed && !this.#ripe.has(candidate));
    if (!pop) return false;
    this.#ripen(pop);
    return true;
  }

  /** As {@link wakeOne}, for a queue that can be popped again: whoever takes any queue comes first. */
  wakeQueue(topic: string, group: string, queueId: number): void {
    if (!this.wakeOne(topic, group, ANY_QUEUE)) this.wakeOne(topic, group, queueId);
  }

  /** Has those ask again whose messages came. To be called after the store's commit. @returns whether there were any */
  wake(): boolean {
    if (this.#ripe.size === 0) return false;
    const ripe = [...this.#ripe];
    this.#ripe.clear();
    for (const pop of ripe) if (this.#remove(pop) && !pop.connection.closed) pop.run();
    return true;
  }

  /** Has those ask again whose time is over, and forgets those of closed connections. */
  scan(): void {
    const due = this.#clock.now() + EARLY_MS;
    const leaving: HeldPop[] = [];
    for (const groups of this.#topics.values()) {
      for (const queues of groups.values()) {
        for (const pops of queues.values()) {
          for (const pop of pops) if (pop.deadline < due || pop.connection.closed) leaving.push(pop);
        }
      }
    }
    for (const pop of leaving) if (this.#remove(pop) && !pop.connection.closed) pop.run();
  }

  /** Lets go of all that waits, unanswered. */
  shutdown(): void {
    this.#closed = true;
    this.#scan?.cancel();
    this.#scan = undefined;
    this.#topics.clear();
    this.#retryTopics.clear();
    this.#ripe.clear();
    this.#size = 0;
  }

  /** From the first pop that waits on: messages of brokers that nobody pops cost nothing. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#store.onArrival((topic, queueId, _maxOffset, tagsCode) => this.#arrived(topic, queueId, tagsCode));
  }

  #arrived(topic: string, queueId: number, tagsCode: number): void {
    if (this.#size === 0) return;
    const groups = this.#topics.get(topic);
    for (const queues of groups?.values() ?? []) {
      this.#ripenFirst(queues.get(ANY_QUEUE), tagsCode);
      if (queueId !== ANY_QUEUE) this.#ripenFirst(queues.get(queueId), tagsCode);
    }
    const owner = this.#retryTopics.get(topic);
    const queues = owner && this.#topics.get(owner.topic)?.get(owner.group);
    for (const pops of queues?.values() ?? []) this.#ripenFirst(pops, tagsCode);
  }

  #ripenFirst(pops: readonly HeldPop[] | undefined, tagsCode: number): void {
    const first = pops?.find((pop) => !pop.connection.closed);
    if (first && (first.matches === undefined || first.matches(tagsCode))) this.#ripen(first);
  }

  #ripen(pop: HeldPop): void {
    this.#ripe.add(pop);
    this.#tick.schedule();
  }

  #queuesOf(topic: string, group: string): GroupPops {
    let groups = this.#topics.get(topic);
    if (!groups) this.#topics.set(topic, (groups = new Map()));
    let queues = groups.get(group);
    if (!queues) {
      groups.set(group, (queues = new Map()));
      this.#retryTopics.set(popRetryTopicV1(topic, group), { topic, group });
      this.#retryTopics.set(popRetryTopicV2(topic, group), { topic, group });
    }
    return queues;
  }

  #remove(pop: HeldPop): boolean {
    const { topic, group, queueId } = pop;
    const groups = this.#topics.get(topic);
    const queues = groups?.get(group);
    const pops = queues?.get(queueId);
    const at = pops?.indexOf(pop) ?? -1;
    if (!groups || !queues || !pops || at < 0) return false;
    pops.splice(at, 1);
    this.#ripe.delete(pop);
    this.#size--;
    if (pops.length === 0) queues.delete(queueId);
    if (queues.size === 0) {
      groups.delete(group);
      this.#retryTopics.delete(popRetryTopicV1(topic, group));
      this.#retryTopics.delete(popRetryTopicV2(topic, group));
    }
    if (groups.size === 0) this.#topics.delete(topic);
    if (this.#size === 0) {
      this.#scan?.cancel();
      this.#scan = undefined;
    }
    return true;
  }
}
