import type {
  DataSource,
  EntityManager,
  EntitySubscriberInterface,
  QueryRunner,
  TransactionCommitEvent,
} from 'typeorm';

/** Tells when something that was written with a transaction is committed. */
export class CommitWatch implements EntitySubscriberInterface {
  readonly #dataSource: DataSource;
  readonly #committed: () => void;
  readonly #watched = new WeakSet<QueryRunner>();

  /** @param committed called after each commit of a transaction that {@link watch} was told of */
  constructor(dataSource: DataSource, committed: () => void) {
    this.#dataSource = dataSource;
    this.#committed = committed;
    dataSource.subscribers.push(this);
  }

  /** Without a transaction what was written is committed already. */
  watch({ queryRunner }: EntityManager): void {
    if (queryRunner?.isTransactionActive === true) this.#watched.add(queryRunner);
    else this.#committed();
  }

  /** TypeORM's call, also for the end of a nested transaction: an outer one is still to come then. */
  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    if (queryRunner.isTransactionActive || !this.#watched.delete(queryRunner)) return;
    this.#committed();
  }

  /** Watches no longer. */
  close(): void {
    const { subscribers } = this.#dataSource;
    const index = subscribers.indexOf(this);
    if (index >= 0) subscribers.splice(index, 1);
  }
}
