import type { Ref } from './contract';

/** Where the bytes of an attached file are: here, on their way, awaited, or only elsewhere. */
export type FileState = 'here' | 'coming' | 'waiting' | 'elsewhere';

export interface Attachment {
  item: string;
  name: string;
  media: string;
  size: number;
  by: Ref | null;
  at: string;
  device: { id: string; name: string };
  pending: boolean;
  state: FileState;
  received: number;
  picture: boolean;
}

export interface Attachments {
  attachments: Attachment[];
}

export interface Upload {
  item: string;
  name: string;
  received: number;
  attached: boolean;
}

export type Keep = 'all' | 'recent' | 'demand';

export interface FilePolicy {
  keep: Keep;
  days: number;
  megabytes: number;
  fixed: boolean;
  figures: { files: number; here: number; bytes: number };
}
