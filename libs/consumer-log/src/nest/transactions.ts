import type { MessageContext } from 'nest-rocketmq';
import type { EntityManager } from 'typeorm';

/** The transactions that handlers run in at the moment, by what each of them is called with. */
const transactions = new WeakMap<MessageContext, EntityManager>();

/** Notes the transaction of a delivery. */
export function beginTransaction(context: MessageContext, manager: EntityManager): void {
  transactions.set(context, manager);
}

/** The transaction of a delivery; undefined when it runs in none. */
export function transactionOf(context: MessageContext): EntityManager | undefined {
  return transactions.get(context);
}
