import { Snowflake } from '@sapphire/snowflake';

/** A 64-bit snowflake id, as text: JavaScript's numbers can't hold it. */
export type Id = string;

const DIGITS = /^\d{1,19}$/;
const LARGEST_ID = 2n ** 63n - 1n;
/** Ids begin at 2024-01-01. */
const EPOCH = 1_704_067_200_000n;
const WORKERS = 1024;

/** Whether a value is an id: a whole number of 64 bits, as text. */
export function isId(value: unknown): value is Id {
  return typeof value === 'string' && DIGITS.test(value) && BigInt(value) <= LARGEST_ID;
}

/** Makes ids that ascend with time. Processes that make ids of one kind at the same time need different workers. */
export class IdSource {
  readonly #snowflake = new Snowflake(EPOCH);

  /** @param worker 0..1023. @throws RangeError when it is another one */
  constructor(worker: number) {
    if (!Number.isInteger(worker) || worker < 0 || worker >= WORKERS)
      throw new RangeError(`A worker of ids is 0..${WORKERS - 1}, not ${worker}`);
    this.#snowflake.workerId = BigInt(worker >> 5);
    this.#snowflake.processId = BigInt(worker & 31);
  }

  /** An id that none was before. */
  next(): Id {
    return this.#snowflake.generate().toString();
  }
}
