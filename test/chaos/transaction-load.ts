import { TransactionMQProducer, type LocalTransactionState, type MessageExt } from '@nest-rocketmq/client';

/** What a transaction ends as, once its producer has decided. */
export type Decision = 'COMMIT_MESSAGE' | 'ROLLBACK_MESSAGE';

export interface TransactionLoadOptions {
  nameServer: string;
  topic: string;
  /** Senders at work at once. */
  lanes: number;
}

/**
 * Senders of transactions with a memory of what they decided: the database of an application. A third of the transactions
 * is committed, a third rolled back, and of a third the broker is not told, so that it has to ask.
 */
export class TransactionLoad {
  /** What was decided, by message id. What is not in here was never sent for sure, and is rolled back when asked for. */
  readonly decisions = new Map<string, Decision>();
  readonly #producer: TransactionMQProducer;
  readonly #options: TransactionLoadOptions;
  readonly #lanes: Promise<void>[] = [];
  #stopped = false;
  /** How often a broker asked. */
  checks = 0;

  constructor(options: TransactionLoadOptions) {
    this.#options = options;
    this.#producer = new TransactionMQProducer({
      group: 'transaction-chaos',
      nameServer: options.nameServer,
      pollNameServerInterval: 500,
      transactionListener: {
        executeLocalTransaction: (message) => this.#execute(message.transactionId, String(message.keys)),
        checkLocalTransaction: (message) => this.#check(message),
      },
    });
  }

  /** Sends nothing, but is there to be asked. */
  async answer(): Promise<void> {
    await this.#producer.start();
    await this.#producer.fetchPublishMessageQueues(this.#options.topic);
  }

  async start(): Promise<void> {
    await this.#producer.start();
    for (let lane = 0; lane < this.#options.lanes; lane++) this.#lanes.push(this.#run(lane));
  }

  /** No more transactions; the producer stays, to be asked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }

  shutdown(): Promise<void> {
    return this.#producer.shutdown();
  }

  async #run(lane: number): Promise<void> {
    for (let sequence = 0; !this.#stopped; sequence++) {
      const keys = `${lane}-${sequence}`;
      try {
        await this.#producer.sendMessageInTransaction({
          topic: this.#options.topic,
          keys,
          body: Buffer.from(`transaction ${keys}`),
        });
      } catch {
        // The broker was killed under the half message: the local transaction has not run.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  #execute(id: string, keys: string): LocalTransactionState {
    const kind = Number(keys.split('-')[1]) % 3;
    const decision = kind === 1 ? 'ROLLBACK_MESSAGE' : 'COMMIT_MESSAGE';
    this.decisions.set(id, decision);
    return kind === 2 ? 'UNKNOW' : decision;
  }

  #check(message: MessageExt): LocalTransactionState {
    this.checks++;
    return this.decisions.get(message.msgId) ?? 'ROLLBACK_MESSAGE';
  }
}
