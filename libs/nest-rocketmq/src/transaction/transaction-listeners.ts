import type {
  LocalTransactionExecuter,
  LocalTransactionState,
  MessageExt,
  TransactionListener,
} from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type {
  RocketMQLocalTransactionListener,
  RocketMQLocalTransactionState,
} from '../decorators/transaction-listener.ts';

/** The property that names the listener that answers for a transaction. */
export const TRANSACTION_CHECKER = 'TRANSACTION_CHECKER';

const STATES: Readonly<Record<RocketMQLocalTransactionState, LocalTransactionState>> = {
  COMMIT: 'COMMIT_MESSAGE',
  ROLLBACK: 'ROLLBACK_MESSAGE',
  UNKNOWN: 'UNKNOW',
};

/** A listener as it was declared. */
export interface DeclaredTransactionListener {
  /** Its class, for messages to people. */
  readonly className: string;
  readonly listener: RocketMQLocalTransactionListener;
  /** Undefined: all that no other listener has, or, with a name, only those that name it. */
  readonly topics: readonly string[] | undefined;
  readonly name: string | undefined;
}

/** The transaction listeners of one connection. As one to its producer, which knows no more than one. */
export class TransactionListeners implements TransactionListener {
  readonly #byName = new Map<string, DeclaredTransactionListener>();
  /** By topic; undefined: of all other topics. */
  readonly #byTopic = new Map<string | undefined, DeclaredTransactionListener>();

  /** @throws RocketMQError `INVALID_CONFIG` when the name or the topic has a listener already */
  add(declared: DeclaredTransactionListener): void {
    const { name, topics } = declared;
    if (name !== undefined) {
      refuseSecond(this.#byName.get(name), declared, `the name ${name}`);
      this.#byName.set(name, declared);
    }
    if (name !== undefined && topics === undefined) return;
    for (const topic of topics ?? [undefined]) {
      refuseSecond(this.#byTopic.get(topic), declared, topic === undefined ? 'no topic' : `topic ${topic}`);
      this.#byTopic.set(topic, declared);
    }
  }

  /**
   * What runs the local transactions of a topic.
   * @param checker the name of the listener, in place of the topic's
   * @param execute in place of the listener's `executeLocalTransaction`
   * @throws RocketMQError `INVALID_ARGUMENT` when nobody could answer for the transaction, or nobody runs it
   */
  executerOf<Arg>(
    topic: string,
    checker: string | undefined,
    execute: RocketMQLocalTransactionListener<Arg>['executeLocalTransaction'],
  ): LocalTransactionExecuter {
    const declared = this.#find(topic, checker);
    if (!declared) throw new RocketMQError('INVALID_ARGUMENT', missing(topic, checker));
    const { listener, className } = declared;
    if (execute) return async (message, arg) => stateOf(await execute(message, arg as Arg), 'execute');
    if (listener.executeLocalTransaction)
      return async (message, arg) =>
        stateOf(
          await listener.executeLocalTransaction?.(message, arg),
          `${className}.executeLocalTransaction`,
        );
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `${className} has no executeLocalTransaction: give sendMessageInTransaction a function execute`,
    );
  }

  /** The producer is always told by {@link executerOf} what to run. */
  executeLocalTransaction(): LocalTransactionState {
    return 'UNKNOW';
  }

  async checkLocalTransaction(message: MessageExt): Promise<LocalTransactionState> {
    const checker = message.properties.get(TRANSACTION_CHECKER);
    const declared = this.#find(message.topic, checker);
    if (!declared) throw new RocketMQError('WRONG_STATE', missing(message.topic, checker));
    const said = await declared.listener.checkLocalTransaction(message);
    return stateOf(said, `${declared.className}.checkLocalTransaction`);
  }

  #find(topic: string, checker: string | undefined): DeclaredTransactionListener | undefined {
    if (checker !== undefined) return this.#byName.get(checker);
    return this.#byTopic.get(topic) ?? this.#byTopic.get(undefined);
  }
}

/** @throws RocketMQError `INVALID_ARGUMENT` for what is none; the transaction stays open then */
function stateOf(said: unknown, what: string): LocalTransactionState {
  if (typeof said === 'string' && Object.hasOwn(STATES, said))
    return STATES[said as RocketMQLocalTransactionState];
  const returned = said === undefined ? 'nothing' : (JSON.stringify(said) ?? typeof said);
  throw new RocketMQError(
    'INVALID_ARGUMENT',
    `${what} returned ${returned}: it has to say COMMIT, ROLLBACK or UNKNOWN`,
  );
}

function refuseSecond(
  first: DeclaredTransactionListener | undefined,
  second: DeclaredTransactionListener,
  what: string,
): void {
  if (!first) return;
  throw new RocketMQError(
    'INVALID_CONFIG',
    `${first.className} and ${second.className} are both @RocketMQTransactionListener of ${what} on one connection: give ` +
      'one of them another topic or name',
  );
}

function missing(topic: string, checker: string | undefined): string {
  return checker === undefined
    ? `No provider carries @RocketMQTransactionListener({ topic: '${topic}' }): nobody could tell the broker how its ` +
        'transactions ended'
    : `No provider carries @RocketMQTransactionListener({ name: '${checker}' }): nobody could tell the broker how the ` +
        `transactions of topic ${topic} ended that name it`;
}
