import { StoreFixture } from '../../libs/store/src/testing/store-fixture.ts';

export { StoreFixture };

/** All files of a store, to be put back for the next case. */
export type StoredFiles = readonly (readonly [path: string, bytes: Buffer])[];

export function filesOf(fixture: StoreFixture): StoredFiles {
  return [...fixture.fs.files].map(([path, file]) => [path, Buffer.from(file.bytes)] as const);
}

/** Puts the files back, one of them changed; the store that used them is gone. */
export function restore(fixture: StoreFixture, files: StoredFiles, changed?: string, bytes?: Buffer): void {
  for (const path of fixture.fs.files.keys()) fixture.fs.files.delete(path);
  for (const [path, original] of files)
    fixture.fs.put(path, Buffer.from(path === changed && bytes ? bytes : original));
}

export function contentOf(files: StoredFiles, path: string): Buffer {
  const found = files.find(([name]) => name === path);
  if (!found) throw new Error(`no file ${path}`);
  return found[1];
}
