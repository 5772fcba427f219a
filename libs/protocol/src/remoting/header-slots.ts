import type { FieldTable } from './field-table.ts';

/** What the readers of a header fill in. Texts are positions in `text`, so that nothing is allocated. */
export interface HeaderSlots {
  code: number;
  flag: number;
  opaque: number;
  version: number;
  /** The buffer language and remark lie in. */
  text: Buffer;
  languageStart: number;
  languageEnd: number;
  /** -1 when there is no remark. */
  remarkStart: number;
  remarkEnd: number;
  remarkKind: number;
  readonly fields: FieldTable;
}

/** Brings everything back to what an empty header says. */
export function resetSlots(slots: HeaderSlots, source: Buffer): void {
  slots.code = 0;
  slots.flag = 0;
  slots.opaque = 0;
  slots.version = 0;
  slots.text = source;
  slots.languageStart = 0;
  slots.languageEnd = 0;
  slots.remarkStart = -1;
  slots.remarkEnd = -1;
  slots.remarkKind = 0;
  slots.fields.reset(source);
}
