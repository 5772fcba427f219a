import type { OutboxRecord, OutboxTransport } from '@nest-rocketmq/consumer-log';

/** The header of a message that shall not be sent at first: how many times sending it fails. */
export const FAIL_SENDS = 'shopFailSends';

/** Fails to send what is marked so: the `send` of the failure switches. Everything else goes through. */
export class FailingTransport implements OutboxTransport {
  readonly #transport: OutboxTransport;

  constructor(transport: OutboxTransport) {
    this.#transport = transport;
  }

  async send(message: OutboxRecord): Promise<void> {
    const failures = Number(message.fields.properties?.[FAIL_SENDS] ?? 0);
    if (message.sendTimes < failures) throw new Error('A failure switch keeps this message from being sent');
    await this.#transport.send(message);
  }
}
