import { Injectable } from '@nestjs/common';
import { RocketMQRegistry } from 'nest-rocketmq';
import { DataSource } from 'typeorm';
import type { PartHealth, ServiceHealth } from '@sample-shop/api';

/** How a service is: whether its database answers, and its listeners run. */
@Injectable()
export class HealthOfService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: RocketMQRegistry,
  ) {}

  /** Asks the database; never throws. */
  async check(service: string): Promise<ServiceHealth> {
    const parts = [await this.#database(), ...this.#listeners()];
    return { service, up: parts.every(({ up }) => up), parts };
  }

  async #database(): Promise<PartHealth> {
    try {
      await this.dataSource.query('SELECT 1');
      return { name: 'database', up: true };
    } catch (error) {
      return { name: 'database', up: false, message: (error as Error).message };
    }
  }

  #listeners(): PartHealth[] {
    return this.registry.list().map(({ consumerGroup, state }) => ({
      name: `listener ${consumerGroup}`,
      up: state !== 'stopped',
      message: state,
    }));
  }
}
