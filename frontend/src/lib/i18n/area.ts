/** The texts of one part of the interface; a function where a text depends on values. */
export interface Texts {
  readonly [key: string]: string | ((...values: never[]) => string) | Texts;
}

export interface Area<T extends Texts> {
  readonly en: T;
  readonly de: T;
}

/** Pairs the languages of an area. A key that German lacks, or has too much, does not compile. */
export function area<T extends Texts>(en: T, de: NoInfer<T>): Area<T> {
  return { en, de };
}

/** "1 change", "3 changes" */
export const count = (n: number, one: string, many: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
/** „1 Änderung“, „3 Änderungen“ */
export const anzahl = (n: number, eins: string, viele: string): string => `${n.toLocaleString('de')} ${n === 1 ? eins : viele}`;
