import { HeaderView, type RemotingCommand } from '@nest-rocketmq/protocol';
import { silentLogger, systemClock, type Clock, type Logger } from '@nest-rocketmq/runtime';
import { BufferPool } from './buffer-pool.ts';
import type { ConnectionParts } from './connection.ts';
import { defaultLimits, type RemotingLimits } from './limits.ts';
import { PartialBudget } from './partial-budget.ts';
import { ProcessorTable } from './processors.ts';
import { Tick } from './tick.ts';
import { TimerWheel } from './timer-wheel.ts';

/** What a server or a client may be given; all of it has a default. */
export interface RemotingOptions {
  /** Default: a tick of its own. A broker shares one between its server and its store. */
  tick?: Tick | undefined;
  /** Default: the machine's clock. */
  clock?: Clock | undefined;
  /** Default: silent. */
  logger?: Logger | undefined;
  /**
   * Called with each own request before it is encoded: it may add fields, such as a signature of all the others
   * (Java's `RPCHook`). Default: none. Answers are not touched.
   */
  sign?: ((request: RemotingCommand) => void) | undefined;
  /** Default: {@link defaultLimits}. */
  limits?: Partial<RemotingLimits> | undefined;
}

/** Makes what the connections of one server or client share. */
export function createParts(
  options: RemotingOptions,
  holdsBack: boolean,
): ConnectionParts & { clock: Clock } {
  const limits = { ...defaultLimits, ...options.limits };
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  return {
    limits,
    clock,
    logger,
    tick: options.tick ?? new Tick(),
    wheel: new TimerWheel(clock),
    pool: new BufferPool(),
    partialBudget: new PartialBudget(limits.partialBytesBudget),
    processors: new ProcessorTable(logger),
    header: new HeaderView(),
    holdsBack,
    sign: options.sign,
  };
}
