/** Keeps a store directory to one process. Injected: the store itself opens no socket and knows no other way. */
export interface StoreLock {
  /** @throws RocketMQError `STORE` when another process has the directory */
  acquire(rootDir: string): Promise<void>;
  release(): Promise<void>;
}
