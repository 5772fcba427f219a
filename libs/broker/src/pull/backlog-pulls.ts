import type { Tick } from '@nest-rocketmq/remoting';
import { type MessageStore, Selection } from '@nest-rocketmq/store';
import type { AdmittedPull } from './pull-admission.ts';
import type { PullRequest } from './pull-request.ts';

/** Messages among the newest of the log's bytes are answered at once. */
const FRESH_BYTES = 4 * 1024 * 1024;
/** So many pulls are answered in a tick; their clients take that in while we work on the next. */
const AT_ONCE = 16;
/** A pull that others went before so often is answered whatever it asks for. */
const MOST_PASSED_OVER = 8;
/** With more than these waiting, pulls are answered as they come. */
const MOST_WAITING = 1024;

interface Waiting {
  readonly request: PullRequest;
  readonly admitted: AdmittedPull;
  readonly selection: Selection;
  /** Where the first message lies in the log. */
  readonly position: number;
  passedOver: number;
}

/** Answers a pull with the messages it has selected. */
export type AnswerPull = (request: PullRequest, admitted: AdmittedPull, selection: Selection) => void;

/**
 * Pulls of old messages are answered in the order of the log, as an elevator serves floors: the rearmost first, and some
 * each tick. So readers that are near each other come together, and what one of them has read the others find read: queues
 * lie side by side in the log, and each reader by itself would have to read past the messages of all others.
 */
export class BacklogPulls {
  readonly #store: Pick<MessageStore, 'writtenOffset'>;
  readonly #tick: Tick;
  #answer: AnswerPull = () => {};
  #waiting: Waiting[] = [];
  readonly #spare: Selection[] = [];

  constructor(store: Pick<MessageStore, 'writtenOffset'>, tick: Tick) {
    this.#store = store;
    this.#tick = tick;
  }

  /** Who answers: set once, by the pull processor. */
  answerWith(answer: AnswerPull): void {
    this.#answer = answer;
  }

  /**
   * Takes a pull that has found messages, if they are old. Its selection is kept then.
   * @returns a selection to go on with; undefined when the pull is to be answered at once
   */
  take(request: PullRequest, admitted: AdmittedPull, selection: Selection): Selection | undefined {
    const { writtenOffset } = this.#store;
    const position = selection.positions[0] ?? writtenOffset;
    if (writtenOffset - position <= FRESH_BYTES || this.#waiting.length >= MOST_WAITING) return undefined;
    this.#waiting.push({ request, admitted, selection, position, passedOver: 0 });
    this.#tick.schedule();
    return this.#spare.pop() ?? new Selection();
  }

  /** Answers some of those that wait. To be called in each tick, before it writes. */
  serve(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    waiting.sort((a, b) => a.position - b.position);
    const left: Waiting[] = [];
    for (const [i, pull] of waiting.entries()) {
      if (i >= AT_ONCE && pull.passedOver++ < MOST_PASSED_OVER) {
        left.push(pull);
        continue;
      }
      const { request, admitted, selection } = pull;
      if (!request.connection.closed) this.#answer(request, admitted, selection);
      if (this.#spare.length < MOST_WAITING) this.#spare.push(selection);
    }
    this.#waiting = left;
    if (left.length > 0) this.#tick.schedule();
  }

  /** Lets go of those that wait, unanswered. */
  shutdown(): void {
    this.#waiting = [];
  }
}
