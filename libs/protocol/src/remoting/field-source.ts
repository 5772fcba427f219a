/** Anything the fields of a header can be read from: a command, a header view, a map. */
export interface FieldSource {
  /** The text of the field, or undefined when the header does not carry it. */
  get(key: string): string | undefined;
}
