import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { OrderService } from './order.service.ts';

const CUSTOMERS = ['ada', 'grace', 'linus', 'margaret'] as const;

/** Orders something every second. */
@Injectable()
export class Customers implements OnModuleDestroy {
  /** So that the orders of two runs have different ids. */
  readonly #run = Date.now().toString(36);
  #orders = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly service: OrderService) {}

  start(): void {
    this.#order();
    this.#timer = setInterval(() => this.#order(), 1000);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  #order(): void {
    const n = ++this.#orders;
    const customer = CUSTOMERS[n % CUSTOMERS.length] ?? CUSTOMERS[0];
    this.service
      .place({ id: `${this.#run}-${n}`, customer, amount: n * 10 })
      .catch((error: Error) => console.error(`order ${n} was not sent: ${error.message}`));
  }
}
