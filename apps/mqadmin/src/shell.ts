import { Command, CommanderError } from 'commander';
import { printable, RocketMQError } from '@nest-rocketmq/runtime';
import { allCommands, findCommand } from './catalogue.ts';
import type { AdminCommand } from './command.ts';
import { clientOptions, commonOptions, type CommonOptions } from './connection-options.ts';
import { Output } from './output.ts';
import { Session } from './session.ts';

/** The width that Apache's 5.x tools pad names to. */
const NAME_WIDTH = 35;

/** What the shell stands in. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Ends a command that runs. */
  readonly signal: AbortSignal;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Does what a command line says.
 * @returns the exit code: 0 when it is done, 1 when it is wrong or could not be done; then one line on `err` says why
 */
export async function mqadmin(args: readonly string[], surroundings: Surroundings): Promise<0 | 1> {
  try {
    await dispatch(args, surroundings);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    surroundings.err(`mqadmin: ${printable(textOf(error), Infinity)}\n`);
    return 1;
  }
}

async function dispatch([first, ...rest]: readonly string[], surroundings: Surroundings): Promise<void> {
  const isHelp = first === 'help' || first === '-h' || first === '--help';
  if (first === undefined || (isHelp && rest.length === 0)) return overview(surroundings);
  const [name, options] = isHelp ? [rest[0] ?? '', ['--help']] : [first, rest];
  const command = await findCommand(name);
  if (!command) {
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `The sub command ${name} not exist. mqadmin alone lists them`,
    );
  }
  await parserOf(command, surroundings).parseAsync(options, { from: 'user' });
}

/** All commands, as Apache's tools list them. */
async function overview({ out }: Surroundings): Promise<void> {
  out('The most commonly used mqadmin commands are:\n');
  for (const { name, description } of await allCommands()) {
    out(`   ${name.padEnd(NAME_WIDTH)} ${description}\n`);
  }
  out("\nSee 'mqadmin help <command>' for more information on a specific command.\n");
}

function parserOf(command: AdminCommand, surroundings: Surroundings): Command {
  const parser = new Command(`mqadmin ${command.name}`)
    .description(`${command.description}.`)
    .helpOption('-h, --help', 'print this')
    .allowExcessArguments(false)
    .exitOverride()
    // What is wrong comes with the error.
    .configureOutput({ writeOut: surroundings.out, writeErr: () => undefined });
  for (const option of [...command.options, ...commonOptions()]) parser.addOption(option);
  return parser.action((options: CommonOptions) => run(command, options, surroundings));
}

async function run(
  command: AdminCommand,
  options: CommonOptions,
  { environment, signal, out }: Surroundings,
): Promise<void> {
  const session = new Session(clientOptions(options, environment), new Output(options.format, out), signal);
  try {
    await command.run(options, session);
  } finally {
    await session.close();
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof CommanderError ? error.message.replace(/^error: /, '') : error.message;
}
