import { afterAll } from '@jest/globals';
import { removeDirectory, temporaryDirectory } from './java-home.ts';

/**
 * What a suite has started and must end, in the opposite order, however far its set-up came. Create it inside the
 * `describe`: it registers its own `afterAll`.
 */
export class Resources {
  private readonly endings: (() => Promise<void>)[] = [];

  constructor() {
    afterAll(() => this.end());
  }

  /** Keeps what was started, to be ended by `how`. Returns it. */
  add<T>(resource: T, how: (resource: T) => Promise<void>): T {
    this.endings.push(() => how(resource));
    return resource;
  }

  /** A temporary directory that is removed at the end. */
  directory(name: string): string {
    const directory = temporaryDirectory(name);
    this.endings.push(() => Promise.resolve(removeDirectory(directory)));
    return directory;
  }

  private async end(): Promise<void> {
    const failures: unknown[] = [];
    for (const ending of this.endings.splice(0).toReversed()) {
      await ending().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not all could be ended');
  }
}
