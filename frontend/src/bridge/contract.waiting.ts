import type { Ref } from './contract';

/** What somebody typed into a field. */
export interface TypedText {
  field: string;
  label: string;
  text: string;
}

export interface WaitingEdit {
  edit: string;
  record: Ref;
  action: string;
  at: string;
  by: Ref | null;
  device: string;
  texts: TypedText[];
  newer: boolean;
  /** records that it changes and that nobody makes */
  lacks: string[];
  /** the earlier change of the same device that it waits behind */
  behind?: string;
}
