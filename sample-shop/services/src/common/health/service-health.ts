import { Injectable } from '@nestjs/common';
import { TypeOrmHealthIndicator } from '@nestjs/terminus';
import { RocketMQHealthIndicator } from 'nest-rocketmq/terminus';
import { DataSource } from 'typeorm';
import type { PartHealth, ServiceHealth } from '@sample-shop/api';

/** How long a database and a NameServer may take for an answer. */
const TIMEOUT_MS = 2000;

/** How a service is: whether its database and a NameServer answer, and its listeners run. */
@Injectable()
export class HealthOfService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly database: TypeOrmHealthIndicator,
    private readonly rocketmq: RocketMQHealthIndicator,
  ) {}

  /** Asks them; never throws. */
  async check(service: string): Promise<ServiceHealth> {
    const [database, rocketmq] = await Promise.all([this.#database(), this.#rocketmq()]);
    const parts = [database, ...rocketmq];
    return { service, up: parts.every(({ up }) => up), parts };
  }

  async #database(): Promise<PartHealth> {
    const options = { connection: this.dataSource, timeout: TIMEOUT_MS };
    const { database } = await this.database.pingCheck('database', options);
    const { status, message } = database as { status: string; message?: string };
    return { name: 'database', up: status === 'up', ...(message === undefined ? {} : { message }) };
  }

  async #rocketmq(): Promise<PartHealth[]> {
    const { rocketmq } = await this.rocketmq.isReady('rocketmq', { timeout: TIMEOUT_MS });
    const { connections, listeners } = rocketmq as unknown as RocketMQHealth;
    return [
      ...Object.values(connections).map((message) => ({ name: 'NameServer', up: message === 'up', message })),
      ...Object.entries(listeners).map(([group, { state }]) => ({
        name: `listener ${group}`,
        up: state !== 'stopped',
        message: state,
      })),
    ];
  }
}

/** What the starter's indicator says of connections and groups. */
interface RocketMQHealth {
  readonly connections: Readonly<Record<string, string>>;
  readonly listeners: Readonly<Record<string, { readonly state: string }>>;
}
