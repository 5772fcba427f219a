import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What JDK 17 must open for them. */
const OPENED = [
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
];

/** 4.9 doesn't start without these files; what they say is that there is nothing to log. */
const LOGBACK_FILES = ['logback_broker.xml', 'logback_namesrv.xml', 'logback_tools.xml'];

/** A temporary directory that {@link removeDirectory} takes away. */
export function temporaryDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `nest-rocketmq-${name}-`));
}

/** Removes a {@link temporaryDirectory}; a process just killed may still be letting go of its files. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Java arguments that keep a JVM small and quick to start, and its files inside `home`. */
export function javaArguments(home: string, heap: string, path: string, main: string): string[] {
  return [
    '-Xms64m',
    `-Xmx${heap}`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-Dfile.encoding=UTF-8',
    `-Drocketmq.home.dir=${home}`,
    `-Duser.home=${home}`,
    ...OPENED,
    '-cp',
    path,
    main,
  ];
}

/** A temporary `rocketmq.home.dir`. */
export function rocketmqHome(name: string): string {
  const directory = temporaryDirectory(name);
  mkdirSync(join(directory, 'conf'));
  for (const file of LOGBACK_FILES) {
    writeFileSync(join(directory, 'conf', file), '<configuration><root level="OFF"/></configuration>\n');
  }
  return directory;
}

/** Writes a Java properties file; the values here need no escapes. */
export function writeProperties(file: string, properties: Record<string, string | number | boolean>): void {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(file, lines.join(''));
}
