import type { Option } from 'commander';
import type { Session } from './session.ts';

/** A command of mqadmin: the default export of a module in `commands`, whose file has the command's name. */
export interface AdminCommand<Options = unknown> {
  /** As it is typed; its case doesn't matter then. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly description: string;
  /** Its own options, in the order of the help; those of every command are added. */
  readonly options: readonly Option[];
  /**
   * Does it, and prints what came of it.
   * @throws RocketMQError whose message is the one line that the user gets, beside an exit code of 1
   */
  run(options: Options, session: Session): Promise<void>;
}
