import 'reflect-metadata';
import { readdir } from 'node:fs/promises';

/** A sample: a module of `samples`, whose file has its name. */
interface Sample {
  main(): Promise<void>;
}

const FOLDER = new URL('./samples/', import.meta.url);

const names = (await readdir(FOLDER)).flatMap((file) => /^([a-z-]+)\.js$/.exec(file)?.[1] ?? []).toSorted();
const name = process.argv[2] ?? '';
if (names.includes(name)) {
  const sample = (await import(new URL(`${name}.js`, FOLDER).href)) as Sample;
  await sample.main();
} else {
  console.error(`npm run sample <name>, which is one of: ${names.join(', ')}`);
  process.exitCode = 1;
}
