import type { RequestOptions } from '../template/send-options.ts';

/** A payload and how to send it: what `emit` and `send` of a {@link RocketMQClient} take in place of the payload alone. */
export class RocketMQRecord<T = unknown> {
  readonly data: T;
  readonly options: RequestOptions;

  constructor(data: T, options: RequestOptions = {}) {
    this.data = data;
    this.options = options;
  }
}

/** Makes a {@link RocketMQRecord}: `new RocketMQRecordBuilder(order).setOptions({ keys: order.id }).build()`. */
export class RocketMQRecordBuilder<T = unknown> {
  #data: T;
  #options: RequestOptions = {};

  constructor(data: T) {
    this.#data = data;
  }

  /** The payload. */
  setData(data: T): this {
    this.#data = data;
    return this;
  }

  /** Keys, headers, `hashKey`, delay, time-out, ...: the options of `RocketMQTemplate.send`. */
  setOptions(options: RequestOptions): this {
    this.#options = options;
    return this;
  }

  /** The record. */
  build(): RocketMQRecord<T> {
    return new RocketMQRecord(this.#data, this.#options);
  }
}
