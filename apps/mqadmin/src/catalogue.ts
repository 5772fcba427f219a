import { readdir } from 'node:fs/promises';
import type { AdminCommand } from './command.ts';

const FOLDER = new URL('./commands/', import.meta.url);
const MODULE = /^([a-z0-9-]+)\.[jt]s$/;

/**
 * The command of a name, whatever its case: `topicList` is in `commands/topic-list`. Only its own module is loaded.
 * @returns undefined when there is none
 */
export async function findCommand(name: string): Promise<AdminCommand | undefined> {
  const wanted = name.toLowerCase();
  const file = (await modules()).find((module) => withoutHyphens(module) === wanted);
  return file === undefined ? undefined : load(file);
}

/** All commands, by their names. */
export async function allCommands(): Promise<AdminCommand[]> {
  const commands = await Promise.all((await modules()).map(load));
  return commands.toSorted((a, b) => a.name.localeCompare(b.name));
}

async function modules(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((file) => MODULE.test(file));
}

function withoutHyphens(file: string): string {
  return (MODULE.exec(file)?.[1] ?? '').replaceAll('-', '');
}

async function load(file: string): Promise<AdminCommand> {
  const module = (await import(new URL(file, FOLDER).href)) as { default: AdminCommand };
  return module.default;
}
