import type { RemotingClient } from '@nest-rocketmq/remoting';
import type { RemotingCommand } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { asRocketMQError, ClientErrorCode } from '../errors.ts';

/**
 * The NameServers of a cluster. The list is shuffled once; one of them is asked until it fails, then the next one:
 * they all know the same, so that one answer is enough.
 */
export class NameServerAccess {
  readonly #remoting: RemotingClient;
  readonly #addresses: string[];
  #current = 0;

  constructor(remoting: RemotingClient, addresses: readonly string[]) {
    this.#remoting = remoting;
    this.#addresses = shuffle(addresses);
  }

  /** The addresses as they were configured, for messages. */
  get text(): string {
    return [...this.#addresses].sort().join(';');
  }

  /** All addresses: some admin commands are for every NameServer. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /**
   * Asks the current NameServer, and the others in turn when it can't be reached.
   * @throws RocketMQError `CONNECT_FAILED` naming all of them, or `TIMEOUT` when the one that was asked didn't answer
   */
  async invoke(
    request: () => RemotingCommand,
    timeoutMs: number,
  ): Promise<{ response: RemotingCommand; address: string }> {
    const failures: RocketMQError[] = [];
    for (let tries = 0; tries < this.#addresses.length; tries++) {
      const index = this.#current;
      const address = this.#addresses[index] ?? '';
      try {
        return { response: await this.#remoting.invoke(address, request(), timeoutMs), address };
      } catch (cause) {
        const error = asRocketMQError(cause, address);
        failures.push(error);
        // Another call may have moved on meanwhile.
        if (this.#current === index) this.#current = (index + 1) % this.#addresses.length;
        // A connection over which nothing comes back may be dead without anyone having said so.
        if (error.code === 'TIMEOUT') this.#remoting.disconnect(address);
        if (error.code !== 'CONNECT_FAILED' && error.code !== 'CONNECTION_CLOSED') throw error;
      }
    }
    throw new RocketMQError(
      'CONNECT_FAILED',
      `No NameServer can be reached (${this.text}). Start one (mqnamesrv), or correct the option nameServer. ` +
        failures.map((error) => error.message).join('; '),
      { cause: failures.at(-1), responseCode: ClientErrorCode.NO_NAME_SERVER_EXCEPTION, address: this.text },
    );
  }
}

function shuffle<T>(list: readonly T[]): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const a = result[i] as T;
    result[i] = result[j] as T;
    result[j] = a;
  }
  return result;
}
