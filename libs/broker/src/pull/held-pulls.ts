import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';
import type { Tick } from '@nest-rocketmq/remoting';
import type { MessageStore, PropertiesView } from '@nest-rocketmq/store';
import type { MessageFilter } from './message-filter.ts';
import type { PullRequest } from './pull-request.ts';

/** Answers a held pull now, whatever it finds. */
export type PullRerun = (request: PullRequest) => void;

interface HeldPull {
  readonly request: PullRequest;
  readonly filter: MessageFilter;
  /** Milliseconds: when it is answered at the latest, to the grain of the scan. */
  readonly deadline: number;
}

interface HeldQueue {
  readonly topic: string;
  readonly queueId: number;
  pulls: HeldPull[];
  /** A message came that one of the pulls waits for: answered once the tick's messages are all readable. */
  readonly ripe: Set<HeldPull>;
}

/**
 * Pulls that found nothing and may wait (PullRequestHoldService): a message that matches wakes them in the tick it
 * arrives in, and a scan every 5 s answers those whose time is over, as well as any that missed a message.
 */
export class HeldPulls {
  readonly #store: MessageStore;
  readonly #tick: Tick;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #scan: Scheduled;
  readonly #topics = new Map<string, Map<number, HeldQueue>>();
  readonly #ripe = new Set<HeldQueue>();
  #rerun: PullRerun = () => undefined;
  #size = 0;

  /** @param options `scanPeriod` in milliseconds; `limit`: pulls that may be held */
  constructor(store: MessageStore, tick: Tick, clock: Clock, options: { scanPeriod: number; limit: number }) {
    this.#store = store;
    this.#tick = tick;
    this.#clock = clock;
    this.#limit = options.limit;
    store.onArrival((topic, queueId, maxOffset, tagsCode) =>
      this.#arrived(topic, queueId, maxOffset, tagsCode),
    );
    this.#scan = scheduleEvery(clock, options.scanPeriod, options.scanPeriod, () => this.scan());
  }

  /** Who answers: set once, by the pull processor. */
  answerWith(rerun: PullRerun): void {
    this.#rerun = rerun;
  }

  /** How many pulls are held. */
  get size(): number {
    return this.#size;
  }

  /** Holds a pull for `timeoutMs`. @returns false when too many are held already */
  hold(request: PullRequest, filter: MessageFilter, timeoutMs: number): boolean {
    if (this.#size >= this.#limit) return false;
    let queues = this.#topics.get(request.topic);
    if (!queues) this.#topics.set(request.topic, (queues = new Map()));
    let queue = queues.get(request.queueId);
    if (!queue) {
      queue = { topic: request.topic, queueId: request.queueId, pulls: [], ripe: new Set() };
      queues.set(request.queueId, queue);
    }
    queue.pulls.push({ request, filter, deadline: this.#clock.now() + timeoutMs });
    this.#size++;
    return true;
  }

  /** Answers the pulls whose messages came in this tick. To be called after the store's commit. */
  wake(): void {
    if (this.#ripe.size === 0) return;
    const queues = [...this.#ripe];
    this.#ripe.clear();
    for (const queue of queues) {
      const ripe = new Set(queue.ripe);
      queue.ripe.clear();
      this.#release(queue, (pull) => ripe.has(pull));
    }
  }

  /** Answers what is overdue or was missed, and forgets the pulls of closed connections. */
  scan(): void {
    const now = this.#clock.now();
    for (const queues of this.#topics.values()) {
      for (const queue of queues.values()) {
        const maxOffset = this.#store.getMaxOffset(queue.topic, queue.queueId);
        this.#release(queue, (pull) => pull.deadline <= now || maxOffset > pull.request.offset);
      }
    }
  }

  /** Answers what a group has held on a queue: its offset was reset. */
  releaseGroup(topic: string, queueId: number, group: string): void {
    const queue = this.#topics.get(topic)?.get(queueId);
    if (queue) this.#release(queue, (pull) => pull.request.group === group);
  }

  /** Stops the scan and lets go of what is held, unanswered. */
  shutdown(): void {
    this.#scan.cancel();
    this.#topics.clear();
    this.#ripe.clear();
    this.#size = 0;
  }

  #arrived(topic: string, queueId: number, maxOffset: number, tagsCode: number): void {
    if (this.#size === 0) return;
    const queue = this.#topics.get(topic)?.get(queueId);
    if (!queue) return;
    let properties: PropertiesView | undefined;
    for (const pull of queue.pulls) {
      const { matches, matchesProperties } = pull.filter;
      if (matches !== undefined && !matches(tagsCode)) continue;
      if (matchesProperties !== undefined && !queue.ripe.has(pull)) {
        properties ??= this.#store.properties(topic, queueId, maxOffset - 1);
        if (properties === undefined || !matchesProperties(properties)) continue;
      }
      queue.ripe.add(pull);
    }
    if (queue.ripe.size === 0) return;
    this.#ripe.add(queue);
    // Under SYNC_FLUSH messages become readable between the ticks.
    this.#tick.schedule();
  }

  #release(queue: HeldQueue, due: (pull: HeldPull) => boolean): void {
    const leaving: HeldPull[] = [];
    queue.pulls = queue.pulls.filter((pull) => {
      if (!pull.request.connection.closed && !due(pull)) return true;
      leaving.push(pull);
      queue.ripe.delete(pull);
      return false;
    });
    this.#size -= leaving.length;
    if (queue.pulls.length === 0) this.#forget(queue);
    for (const { request } of leaving) if (!request.connection.closed) this.#rerun(request);
  }

  #forget(queue: HeldQueue): void {
    const queues = this.#topics.get(queue.topic);
    if (queues?.delete(queue.queueId) && queues.size === 0) this.#topics.delete(queue.topic);
    this.#ripe.delete(queue);
  }
}
