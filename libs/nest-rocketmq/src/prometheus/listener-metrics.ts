import { Counter, Gauge, type Registry } from 'prom-client';
import type { RocketMQRegistry } from '../lifecycle/rocketmq-registry.ts';

const LABELS = ['connection', 'consumer_group'] as const;

/** What is asked for when it is scraped: the application's groups, and how far they are behind. */
export class ListenerMetrics {
  readonly #listeners: RocketMQRegistry;
  readonly #lag: Gauge<(typeof LABELS)[number] | 'topic'> | undefined;
  readonly #lagFailures: Counter<(typeof LABELS)[number]> | undefined;

  /** @param withLag whether brokers are asked, with each scrape, how far the groups are behind */
  constructor(listeners: RocketMQRegistry, registry: Registry, prefix: string, withLag: boolean) {
    this.#listeners = listeners;
    const registers = [registry];
    const queues = new Gauge({
      name: `${prefix}consumer_queues`,
      help: 'Queues that this process reads',
      labelNames: LABELS,
      registers,
      collect: () => {
        for (const { connection, consumerGroup, queues: read } of listeners.list())
          queues.set({ connection, consumer_group: consumerGroup }, read.length);
      },
    });
    if (!withLag) return;
    this.#lagFailures = new Counter({
      name: `${prefix}consumer_lag_failures_total`,
      help: 'How often brokers did not tell how far a group is behind; its consumer_lag is missing then',
      labelNames: LABELS,
      registers,
    });
    this.#lag = new Gauge({
      name: `${prefix}consumer_lag`,
      help: 'Messages that a group, in all its processes, has not consumed yet; by topic, its retry topic included',
      labelNames: [...LABELS, 'topic'],
      registers,
      collect: () => this.#collectLag(),
    });
  }

  async #collectLag(): Promise<void> {
    const asked = this.#listeners.list().map(async ({ connection, consumerGroup }) => {
      const labels = { connection, consumer_group: consumerGroup };
      try {
        return { labels, lags: await this.#listeners.lag(consumerGroup, connection) };
      } catch {
        // Known by its counter: a broker that is down must not take the other metrics with it.
        this.#lagFailures?.inc(labels);
        return { labels, lags: [] };
      }
    });
    const told = await Promise.all(asked);
    this.#lag?.reset();
    for (const { labels, lags } of told)
      for (const { queue, lag } of lags) this.#lag?.inc({ ...labels, topic: queue.topic }, lag);
  }
}
